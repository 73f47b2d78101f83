import type { EdgeContext } from "./context.ts";

/**
 * How the session's cookie is set and cleared: no script reads it, no other site sends it along, which is what keeps
 * other sites from booking in a student's name.
 */
export function sessionCookie(c: EdgeContext) {
  const secure = new URL(c.req.url).protocol === "https:";
  return { path: "/", httpOnly: true, sameSite: "Strict", secure } as const;
}
