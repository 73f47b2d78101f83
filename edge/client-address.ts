import type { EdgeEnv } from "./context.ts";
import { networkOf } from "./ip-address.ts";
import { logUnreadableAddress } from "./log.ts";
import { type ProxyHeader, wordOfFirstHop } from "./proxy-header.ts";

/** The part of a request's context that its address is read from. */
export interface AddressSource {
  req: { raw: Pick<Request, "headers"> };
  env: Pick<EdgeEnv["Bindings"], "socketAddress">;
}

/**
 * Returns the name of the bucket that a client's network shares: `shared` for an unknown address.
 */
export type AddressOf = (c: AddressSource) => string;

/** The bucket of all clients whose address cannot be read. */
const SHARED = "shared";

/**
 * Reads the client's address from the proxy's header if one is set, else from the connection. Set a
 * header only behind a proxy that overwrites or appends to it: any client can send one. The first
 * unreadable address is logged: otherwise all clients would share a bucket unseen.
 */
export function addressReader({ name, hops }: ProxyHeader): AddressOf {
  if (name === "") return (c) => networkOf(c.env.socketAddress?.() ?? "") ?? SHARED;
  let isLogged = false;
  return (c) => {
    const value = c.req.raw.headers.get(name);
    const word = value === null ? undefined : wordOfFirstHop(value, hops);
    const network = word === undefined ? undefined : networkOf(word);
    if (network !== undefined) return network;
    if (!isLogged)
      logUnreadableAddress({ header: name, words: value?.split(",").length ?? 0, hops });
    isLogged = true;
    return SHARED;
  };
}
