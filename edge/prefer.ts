import { MAX_WAIT_MS } from "../contract/origin-api.ts";
import type { EdgeContext } from "./context.ts";

/** `wait` as a preference of its own (RFC 7240), not as a parameter of another one; the first one counts. */
const WAIT = /(?:^|,)\s*wait\s*=\s*"?([0-9]{1,9})"?\s*(?=[,;]|$)/i;

/**
 * How long the client would wait for a decision, in milliseconds: `Prefer: wait=N`, at most MAX_WAIT_MS; 0 when it did
 * not say, or not in a form that can be read. The answer tells the client what was applied.
 */
export function applyWait(c: EdgeContext): number {
  const seconds = Number(WAIT.exec(c.req.header("prefer") ?? "")?.[1] ?? 0);
  const waitMs = Math.min(seconds * 1_000, MAX_WAIT_MS);
  if (waitMs > 0) c.set("waitMs", waitMs);
  return waitMs;
}
