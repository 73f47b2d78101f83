import type { Coding } from "../contract/asset-manifest.ts";
import { createRecent } from "./recent.ts";

/** The content codings that the edge can send, in the order of its own preference. */
const CODINGS: readonly Coding[] = ["br", "gzip"];

/** The read length of an Accept-Encoding header, in characters; no client needs as many. */
const LENGTH_MAX = 200;

/** Browsers send a handful of values. */
const known = createRecent<readonly Coding[]>(200);

/**
 * The codings that a client likes at least as much as an uncoded body (RFC 9110, 12.5.3), best
 * first. None for a client without the header. A client that takes no coding at all, not even
 * `identity`, gets an uncoded body.
 */
export function codingsFor(accepted: string | null): readonly Coding[] {
  if (accepted === null || accepted.length > LENGTH_MAX) return NONE;
  const before = known.get(accepted);
  if (before) return before;
  const codings = read(accepted);
  known.set(accepted, codings);
  return codings;
}

const NONE: readonly Coding[] = [];

function read(accepted: string): readonly Coding[] {
  const quality = new Map<string, number>();
  for (const item of accepted.toLowerCase().split(",")) {
    const match = ITEM.exec(item);
    if (match?.[1]) quality.set(match[1] === "x-gzip" ? "gzip" : match[1], Number(match[2] ?? 1));
  }
  const rest = quality.get("*") ?? 0;
  // Without a weight of its own an uncoded body is the last choice, and still one.
  const uncoded = quality.get("identity") ?? 0;
  const weigh = (coding: Coding) => quality.get(coding) ?? rest;
  return CODINGS.filter((coding) => weigh(coding) > 0 && weigh(coding) >= uncoded).sort(
    (one, other) => weigh(other) - weigh(one),
  );
}

const ITEM = /^\s*([a-z0-9*-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?$/;
