import { BEHIND_HEADER, HOLDS_HEADER } from "../contract/origin-api.ts";
import { problems } from "../contract/problems.ts";
import type { Compress } from "./compression.ts";
import { strongTag, tagOf } from "./entity-tag.ts";
import { type KeptAnswer, keepBodies } from "./kept-answer.ts";
import type { Ask, Holds } from "./kept-question.ts";
import { readRefusal, unexpected } from "./origin-answers.ts";
import type { Origin } from "./origin-client.ts";

/**
 * What browsers and shared caches may do with lectures. A reader sees a change after 5 s at the
 * latest: the edge keeps an answer for up to 1 s, and a cache behind it for 3 s. There is no
 * `s-maxage`, which would forbid shared caches the two stale uses (RFC 9111, 5.2.2.10).
 */
const CACHE_CONTROL = "public, max-age=1, stale-while-revalidate=2, stale-if-error=300";

/** How long the last answer stands in for an origin that is away, in milliseconds. */
export const STALE_FOR_MS = 300_000;

/** Smaller bodies gain nothing from a coding that names itself in a header, in bytes. */
const CODED_FROM_BYTES = 256;

/** Asks the origin for lectures. The origin answers 304 where it would repeat its last answer. */
export function askLectures(origin: Origin, compress: Compress, path: string): Ask {
  return async (requestId, last) => {
    const headers = last?.validator ? { "If-None-Match": last.validator } : {};
    const heard = await origin.ask({ method: "GET", path, requestId, headers });
    const holds = holdsOf(heard);
    if (heard.status === 304 && last) return { outcome: "kept", answer: last, holds };
    if (heard.status === 200)
      return { outcome: "kept", answer: await keep(heard, compress), holds };
    const code = (await readRefusal(heard))?.code;
    // Of the question itself, such as 404: it is the same for the next reader.
    if (code && problems[code].status < 500) return { outcome: "refused", code };
    return { outcome: "failed", code, error: unexpected(heard) };
  };
}

/** How far the answer holds; undefined where the origin does not say so. */
function holdsOf({ headers }: Response): Holds | undefined {
  const forMs = Number(headers.get(HOLDS_HEADER));
  return forMs > 0 ? { forMs, behindMs: Number(headers.get(BEHIND_HEADER)) } : undefined;
}

async function keep(heard: Response, compress: Compress): Promise<KeptAnswer> {
  const plain = new Uint8Array(await heard.arrayBuffer());
  const validator = strongTag(heard.headers.get("etag"));
  const coded = plain.byteLength < CODED_FROM_BYTES ? [] : await compress(plain);
  return keepBodies({
    plain,
    coded: coded.filter(([, { byteLength }]) => byteLength < plain.byteLength),
    tag: validator ?? (await tagOf(plain)),
    validator,
    cacheControl: CACHE_CONTROL,
  });
}
