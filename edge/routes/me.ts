import { answerJson } from "../answer.ts";
import type { EdgeContext } from "../context.ts";

/** GET /api/me: the user and the role of the session, and the hosts that an organiser works for. */
export function me(c: EdgeContext): Response {
  const { sub, role, hosts } = c.get("session");
  return answerJson(c, 200, { id: sub, role, ...(role === "organiser" && { hosts }) });
}
