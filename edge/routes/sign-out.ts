import { answer, NOT_STORED } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import { cameOverTls } from "../over-tls.ts";
import { forgetSession, withCookies } from "../session-cookie.ts";

/** POST /api/auth/sign-out: the browser forgets its session. */
export function signOut(c: EdgeContext): Response {
  return withCookies(answer(c, 204, null, NOT_STORED), forgetSession(cameOverTls(c)));
}
