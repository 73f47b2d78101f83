import { answerJson } from "../answer.ts";
import type { EdgeContext } from "../context.ts";

/** GET /api/me: the user and the role of the session. */
export function me(c: EdgeContext): Response {
  const { sub, role } = c.get("session");
  return answerJson(c, 200, { id: sub, role });
}
