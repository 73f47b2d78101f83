import type { Encoding } from "../contract/asset-manifest.ts";

/** The read length of an Accept-Encoding header, in characters. */
const LENGTH_MAX = 200;

/**
 * The best of the offered encodings that the client takes (RFC 9110, 12.5.3); undefined for none.
 * The first offered one wins among equals. A client that names none gets none.
 */
export function preferredEncoding(
  accepted: string | undefined,
  offered: readonly Encoding[],
): Encoding | undefined {
  if (!accepted) return undefined;
  const qualities = qualitiesIn(accepted);
  const qualityOf = (encoding: Encoding) => qualities.get(encoding) ?? qualities.get("*") ?? 0;
  let best: Encoding | undefined;
  for (const encoding of offered)
    if (qualityOf(encoding) > (best ? qualityOf(best) : 0)) best = encoding;
  return best;
}

function qualitiesIn(accepted: string): Map<string, number> {
  const qualities = new Map<string, number>();
  for (const range of accepted.slice(0, LENGTH_MAX).toLowerCase().split(",")) {
    const match = /^\s*([a-z*]+)\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/.exec(range);
    if (match?.[1]) qualities.set(match[1], Number(match[2] ?? 1));
  }
  return qualities;
}
