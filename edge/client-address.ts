import type { EdgeContext } from "./context.ts";

/** Gives the name of the bucket a client's address shares with others: `shared` when nothing tells the address. */
export type AddressOf = (c: EdgeContext) => string;

/**
 * Reads the client's address from `header` when one is set, else from the connection. Set a header only behind a proxy that
 * overwrites it, since anybody can send one.
 */
export function addressReader(header: string): AddressOf {
  return (c) => bucketOf((header ? c.req.header(header) : c.env.socketAddress?.()) ?? "");
}

const IPV4 = /^(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})$/i;
const IPV6 = /^[0-9a-f:]{2,39}$/i;

/** How many of the eight groups of an IPv6 address name the network; the rest one client may choose at will. */
const NETWORK_GROUPS = 4;

function bucketOf(address: string): string {
  const ipv4 = IPV4.exec(address)?.[1];
  if (ipv4) return ipv4;
  if (!address.includes(":") || !IPV6.test(address)) return "shared";
  const [front = "", back] = address.toLowerCase().split("::");
  const groups = front === "" ? [] : front.split(":");
  const tail = back ? back.split(":") : [];
  if (back !== undefined) while (groups.length + tail.length < 8) groups.push("0");
  const network = groups.concat(tail).slice(0, NETWORK_GROUPS);
  return network.map((group) => group.replace(/^0+(?=.)/, "")).join(":");
}
