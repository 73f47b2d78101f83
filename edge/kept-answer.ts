import type { Coding } from "../contract/asset-manifest.ts";
import { codingsFor } from "./accept-encoding.ts";
import { standingHeaders } from "./answer.ts";
import type { Bytes } from "./compression.ts";
import { codedTag, hasTag } from "./entity-tag.ts";
import { type Answered, type Respond, respondAlike } from "./respond-alike.ts";

/** The part of a request that a kept answer depends on. */
export interface Reader extends Answered {
  headers: Headers;
  /** monotonic time, in milliseconds */
  nowMs: number;
  /** the age to report, in whole seconds, where it is an answer of before an outage */
  ageS: number | undefined;
}

/** An answer that is the same for all clients, ready to be sent. */
export interface KeptAnswer {
  /** what it takes of memory, in bytes */
  bytes: number;
  /** the tag by which its server knows it */
  validator: string | undefined;
  /** The whole answer in a coding that the client takes, or 304 for a client that has it. */
  respond(reader: Reader): Response;
}

/** A body with its headers, all made beforehand. */
export interface Representation {
  tag: string;
  respond(reader: Reader): Response;
}

/** What a kept entry takes of memory beside its bodies, in bytes. */
const OVERHEAD_BYTES = 2_000;

export interface Bodies {
  /** the uncoded body */
  plain: Bytes;
  coded: [Coding, Bytes][];
  /** the strong tag of the uncoded body */
  tag: string;
  validator: string | undefined;
  cacheControl: string;
}

/** Prepares an answer in every coding. */
export function keepBodies({ plain, coded, tag, validator, cacheControl }: Bodies): KeptAnswer {
  const shared = { "Cache-Control": cacheControl, Vary: "Accept-Encoding" };
  const uncoded = represent(plain, tag, shared);
  const byCoding: Partial<Record<Coding, Representation>> = {};
  let bytes = plain.byteLength + OVERHEAD_BYTES;
  for (const [coding, body] of coded) {
    byCoding[coding] = represent(body, codedTag(tag, coding), shared, coding);
    bytes += body.byteLength;
  }
  function represented(accepted: string | null): Representation {
    for (const coding of codingsFor(accepted)) {
      const representation = byCoding[coding];
      if (representation) return representation;
    }
    return uncoded;
  }
  return {
    bytes,
    validator,
    respond: (reader) => represented(reader.headers.get("accept-encoding")).respond(reader),
  };
}

/**
 * Prepares one body.
 *
 * @param shared headers that a 304 has too (RFC 9110, 15.4.5)
 * @param coding its content coding; undefined for an uncoded body
 */
export function represent(
  body: Bytes | string,
  tag: string,
  shared: Record<string, string>,
  coding?: Coding,
): Representation {
  const whole = respondAlike((answered) => {
    const headers = headersOf(answered, tag, shared);
    headers["Content-Type"] = "application/json";
    if (coding) headers["Content-Encoding"] = coding;
    return headers;
  }, "manual");
  // Made at its first use: an availability is prepared fifty times a second.
  let unchanged: Respond | undefined;
  return {
    tag,
    respond(reader) {
      const known = reader.headers.get("if-none-match");
      const age = reader.ageS === undefined ? undefined : { Age: String(reader.ageS) };
      if (!hasTag(known, tag)) return whole(reader, body, 200, age);
      unchanged ??= respondAlike((answered) => headersOf(answered, tag, shared));
      return unchanged(reader, null, 304, age);
    },
  };
}

function headersOf(answered: Answered, tag: string, shared: Record<string, string>) {
  const headers = standingHeaders(answered);
  for (const name in shared) headers[name] = shared[name] ?? "";
  headers["ETag"] = tag;
  return headers;
}
