import { generateCookie } from "hono/cookie";
import { SESSION_COOKIE } from "../../contract/session.ts";
import { answer, NOT_STORED } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import { sessionCookie } from "../session-cookie.ts";

/** POST /api/auth/sign-out: the browser forgets its session. */
export function signOut(c: EdgeContext): Response {
  const cookie = generateCookie(SESSION_COOKIE, "", { ...sessionCookie(c), maxAge: 0 });
  return answer(c, 204, null, { ...NOT_STORED, "Set-Cookie": cookie });
}
