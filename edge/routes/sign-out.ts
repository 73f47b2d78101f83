import { deleteCookie } from "hono/cookie";
import { SESSION_COOKIE } from "../../contract/session.ts";
import type { EdgeContext } from "../context.ts";
import { NOT_STORED } from "../reservation-answers.ts";
import { sessionCookie } from "../session-cookie.ts";

/** POST /api/auth/sign-out: the browser forgets its session. */
export function signOut(c: EdgeContext): Response {
  deleteCookie(c, SESSION_COOKIE, sessionCookie(c));
  return c.body(null, 204, NOT_STORED);
}
