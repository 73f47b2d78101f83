/**
 * Reads an IPv4 or IPv6 address, with or without port, brackets and zone. Returns the network that
 * one client has for itself: the IPv4 address, or the first 64 bits of the IPv6 address. A client
 * may choose the other 64 bits for each request. ::ffff:1.2.3.4 is read as 1.2.3.4.
 *
 * @returns one spelling, of digits, hex digits, dots and colons only; undefined if the text is no
 * address
 */
export function networkOf(text: string): string | undefined {
  // Nearly all addresses have this form, and every press reads an address.
  if (IPV4.test(text)) return text;
  if (text.length > LENGTH_MAX) return undefined;
  const bare = withoutPort(text);
  if (IPV4.test(bare)) return bare;
  const groups = groupsOf(bare.replace(/%.*$/, ""));
  if (!groups) return undefined;
  return isMapped(groups) ? dotted(groups) : groups.slice(0, NETWORK_GROUPS).map(hex).join(":");
}

/** Longer than any address with brackets, zone and port, in characters. */
const LENGTH_MAX = 100;

/** How many of the eight groups of an IPv6 address name the network. */
const NETWORK_GROUPS = 4;

/** An IPv6 address has brackets before a port. Without a port it has at least two colons. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1];
  return bracketed ?? /^([^:]*):\d{1,5}$/.exec(text)?.[1] ?? text;
}

/**
 * One number of an IPv4 address. A leading zero is refused: some readers take it for octal, others
 * for decimal.
 */
const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/** The eight numbers of an IPv6 address. */
function groupsOf(text: string): number[] | undefined {
  const [front = "", back, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const head = numbersOf(front);
  if (back === undefined) return head?.length === GROUPS ? head : undefined;
  const tail = numbersOf(back);
  if (!head || !tail || head.length + tail.length >= GROUPS) return undefined;
  return [...head, ...Array<number>(GROUPS - head.length - tail.length).fill(0), ...tail];
}

const GROUPS = 8;

/** The numbers of a part of an IPv6 address. The last two may be written as an IPv4 address. */
function numbersOf(text: string): number[] | undefined {
  if (text === "") return [];
  const numbers: number[] = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    if (at === parts.length - 1 && IPV4.test(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
      numbers.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) numbers.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return numbers;
}

/** Whether an address lies in ::ffff:0:0/96: a socket for both kinds shows an IPv4 client there. */
function isMapped(groups: number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

function dotted(groups: number[]): string {
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join(".");
}

function hex(group: number): string {
  return group.toString(16);
}
