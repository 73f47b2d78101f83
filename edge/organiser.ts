import type { Actor } from "../contract/actor.ts";
import type { Role } from "../contract/session.ts";
import type { EdgeContext, Handler } from "./context.ts";
import type { EdgeDeps } from "./deps.ts";
import { problem, Refused } from "./problem.ts";
import { answerLimited } from "./unavailable.ts";

/**
 * Puts a handler behind a role of the session: 403 for any other role. The session must have been
 * read (requireSession).
 */
export function requireRole(...roles: Role[]): (handle: Handler) => Handler {
  return (handle) => (c) =>
    roles.includes(c.get("session").role) ? handle(c) : problem(c, "forbidden");
}

/** Puts a handler behind the roles that run lectures. Whose lectures: the origin looks at hosts. */
export const requireOrganiser = requireRole("organiser", "admin");

/** Who asks. Throws Refused (403) for a student, who passes no requireOrganiser. */
export function actorOf(c: EdgeContext): Actor {
  const { sub: userId, role, hosts } = c.get("session");
  if (role === "student") throw new Refused("forbidden");
  return { userId, role, hosts };
}

/** Takes a token of the user and one of the address in front of a handler that writes. */
export function chargeWrites({
  limits,
  addressOf,
}: Pick<EdgeDeps, "limits" | "addressOf">): (handle: Handler) => Handler {
  return (handle) => async (c) => {
    const limit = await limits.take(c.get("session").sub, addressOf(c));
    return limit.outcome === "passed" ? await handle(c) : answerLimited(c, limit);
  };
}
