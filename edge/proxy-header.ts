/** A header in which proxies in front report what they saw. Each adds its word to a list. */
export interface ProxyHeader {
  /** its name; empty if no header is trusted */
  name: string;
  /** how many of our proxies a request passes; each has added one word */
  hops: number;
}

/**
 * The word of our first proxy. Words before it came with the request: any client may have written
 * them.
 *
 * @returns the word without white space around it; undefined with fewer than `hops` words
 */
export function wordOfFirstHop(value: string, hops: number): string | undefined {
  // Mostly one proxy stands in front, and writes one word.
  if (hops === 1 && !value.includes(",")) return value.trim();
  return value.split(",").at(-hops)?.trim();
}
