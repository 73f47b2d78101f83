import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { mayBeSignature, SIGNATURE_HEADER, verify } from "../contract/signature.ts";
import type { OriginDeps } from "./deps.ts";
import type { Nonces } from "./nonces.ts";
import { Refusal } from "./refusal.ts";

/** A signed request is small: the largest carries one command. */
const MAX_BODY_BYTES = 16_384;

/** The edge sends a body with its head; how long one may take to come all the same, in milliseconds. */
const BODY_WITHIN_MS = 5_000;

/**
 * Lets through only what the edge has signed, once, and lately. Everything after this may trust the user id in a request, since only the
 * edge, which verified the session, can have put it there. The body of what bears no signature is not waited for.
 */
export function verifyEdge(deps: OriginDeps, nonces: Nonces) {
  return createMiddleware(async (c, next) => {
    const header = c.req.header(SIGNATURE_HEADER);
    if (!mayBeSignature(header)) throw new Refusal("unauthenticated");
    const body = c.req.raw.body ? await arrivedBody(c) : new Uint8Array();
    if (body.length > MAX_BODY_BYTES) throw new Refusal("body_too_large");
    const url = new URL(c.req.url);
    const request = { method: c.req.method, path: url.pathname + url.search, body };
    const nowMs = deps.now();
    const signature = verify(deps.edgeKeys, header, request, nowMs);
    if (!signature || !nonces.use(signature.nonce, signature.timestampMs, nowMs))
      throw new Refusal("unauthenticated");
    await next();
  });
}

/** The body, unless it is late or its sender leaves: nobody can be made to wait for it for ever. */
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
