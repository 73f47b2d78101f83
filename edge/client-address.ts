import type { EdgeContext } from "./context.ts";
import { networkOf } from "./ip-address.ts";
import { logUnreadableAddress } from "./log.ts";
import { type ProxyHeader, wordOfFirstHop } from "./proxy-header.ts";

/** Gives the name of the bucket a client's address shares with others: `shared` when nothing tells the address. */
export type AddressOf = (c: EdgeContext) => string;

/** The bucket of all clients whose address cannot be read. */
const SHARED = "shared";

/**
 * Reads the client's address from the header of a proxy where one is set up, else from the
 * connection. Set a header only behind a proxy that overwrites or appends to it, since anybody can
 * send one. That an address could not be read is logged once: everybody would share a bucket unseen
 * otherwise.
 */
export function addressReader({ name, hops }: ProxyHeader): AddressOf {
  if (name === "") return (c) => networkOf(c.env.socketAddress?.() ?? "") ?? SHARED;
  let isLogged = false;
  return (c) => {
    const value = c.req.header(name);
    const word = value === undefined ? undefined : wordOfFirstHop(value, hops);
    const network = word === undefined ? undefined : networkOf(word);
    if (network !== undefined) return network;
    if (!isLogged)
      logUnreadableAddress({ header: name, words: value?.split(",").length ?? 0, hops });
    isLogged = true;
    return SHARED;
  };
}
