import type { EdgeContext } from "../context.ts";
import { NOT_STORED } from "../reservation-answers.ts";

/** GET /api/me: who the session says is asking. */
export function me(c: EdgeContext): Response {
  const { sub, role } = c.var.session;
  return c.json({ id: sub, role }, 200, NOT_STORED);
}
