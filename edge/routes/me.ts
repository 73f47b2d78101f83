import { answerJson } from "../answer.ts";
import type { EdgeContext } from "../context.ts";

/** GET /api/me: who the session says is asking. */
export function me(c: EdgeContext): Response {
  const { sub, role } = c.get("session");
  return answerJson(c, 200, { id: sub, role });
}
