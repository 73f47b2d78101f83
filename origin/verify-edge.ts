import { createMiddleware } from "hono/factory";
import { SIGNATURE_HEADER, verify } from "../contract/signature.ts";
import type { OriginDeps } from "./deps.ts";
import type { Nonces } from "./nonces.ts";
import { Refusal } from "./refusal.ts";

/** A signed request is small: the largest carries one command. */
const MAX_BODY_BYTES = 16_384;

/**
 * Lets through only what the edge has signed, once, and lately. Everything after this may trust the user id in a request, since only the
 * edge, which verified the session, can have put it there.
 */
export function verifyEdge(deps: OriginDeps, nonces: Nonces) {
  return createMiddleware(async (c, next) => {
    const body = new Uint8Array(await c.req.arrayBuffer());
    if (body.length > MAX_BODY_BYTES) throw new Refusal("body_too_large");
    const url = new URL(c.req.url);
    const request = { method: c.req.method, path: url.pathname + url.search, body };
    const nowMs = deps.now();
    const signature = await verify(deps.edgeKeys, c.req.header(SIGNATURE_HEADER), request, nowMs);
    if (!signature || !nonces.use(signature.nonce, signature.timestampMs, nowMs))
      throw new Refusal("unauthenticated");
    await next();
  });
}
