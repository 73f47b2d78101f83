import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { CSV_BYTES_MAX } from "../contract/csv-files.ts";
import { mayBeSignature, SIGNATURE_HEADER, verify } from "../contract/signature.ts";
import type { OriginDeps } from "./deps.ts";
import type { Nonces } from "./nonces.ts";
import { Refusal } from "./refusal.ts";

/** A signed request is small: most carry one command, those of organisers words or a file. */
const BODY_BYTES_MAX = 16_384;
export const ORGANISERS_BODY_BYTES_MAX = CSV_BYTES_MAX;

/** The longest wait for a body, in milliseconds; an edge sends the body with its head. */
const BODY_WITHIN_MS = 5_000;

/**
 * Lets a request through only if the edge signed it within the signature window and it was not seen
 * before. Later code may trust the user id in it: only the edge, which verified the session, can
 * have put it there. Without a signature the body is not awaited.
 */
export function verifyEdge(deps: OriginDeps, nonces: Nonces) {
  return createMiddleware(async (c, next) => {
    const header = c.req.header(SIGNATURE_HEADER);
    if (!mayBeSignature(header)) throw new Refusal("unauthenticated");
    const body = c.req.raw.body ? await arrivedBody(c) : new Uint8Array();
    const url = new URL(c.req.url);
    const isOrganisers = url.pathname.startsWith("/admin/");
    if (body.length > (isOrganisers ? ORGANISERS_BODY_BYTES_MAX : BODY_BYTES_MAX))
      throw new Refusal("body_too_large");
    const request = { method: c.req.method, path: url.pathname + url.search, body };
    const nowMs = deps.now();
    const signature = verify(deps.edgeKeys, header, request, nowMs);
    if (!signature || !nonces.use(signature.nonce, signature.timestampMs, nowMs))
      throw new Refusal("unauthenticated");
    await next();
  });
}

/**
 * The body, unless it is late or its sender leaves: no sender can make the origin wait for ever.
 */
async function arrivedBody(c: Context): Promise<Uint8Array<ArrayBuffer>> {
  const late = Promise.withResolvers<never>();
  const incomplete = new Refusal("body_incomplete");
  const timer = setTimeout(late.reject, BODY_WITHIN_MS, incomplete);
  try {
    return new Uint8Array(await Promise.race([c.req.arrayBuffer(), late.promise]));
  } catch {
    throw incomplete;
  } finally {
    clearTimeout(timer);
  }
}
