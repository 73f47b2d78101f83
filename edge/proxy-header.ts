/** A header in which proxies in front tell what they saw, each adding its word to a list. */
export interface ProxyHeader {
  /** its name; empty where there is none to believe */
  name: string;
  /** how many proxies of ours a request comes through; each has added one word */
  hops: number;
}

/**
 * The word of the first of our proxies. What stands before it in the list was there when the
 * request came, so anybody may have written it.
 *
 * @returns the word without white space around it; undefined where fewer than `hops` are there
 */
export function wordOfFirstHop(value: string, hops: number): string | undefined {
  // Most proxies in front are one, and write one word.
  if (hops === 1 && !value.includes(",")) return value.trim();
  return value.split(",").at(-hops)?.trim();
}
