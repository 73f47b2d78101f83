import { Hono } from "hono";
import { DemoSignIn } from "../../contract/origin-api.ts";
import { userIdOfStudent } from "../../contract/student-number.ts";
import type { OriginEnv } from "../context.ts";
import type { OriginDeps } from "../deps.ts";
import { rememberStudent } from "../people.ts";
import { Refusal } from "../refusal.ts";
import { issueSession } from "../session-token.ts";

/**
 * `POST /auth/demo`: a session for any student number in any role, without proof, if DEMO_LOGIN=1.
 * Otherwise the route does not exist. The person is known afterwards; without the people's schema
 * nobody signs in.
 */
export function demoSignInRoutes(deps: OriginDeps) {
  const { reads } = deps.gates;
  return new Hono<OriginEnv>().post("/auth/demo", async (c) => {
    if (!deps.demoLogin) throw new Refusal("route_not_found");
    const request = DemoSignIn.safeParse(await c.req.json());
    if (!request.success) throw new Refusal("invalid_request");
    const { studentNumber, role = "student", hosts, groups = [] } = request.data;
    const userId = userIdOfStudent(studentNumber, deps.studentNumberCase);
    const { deadline } = c.var;
    const remember = () => rememberStudent(deps.people, { userId, groups }, deadline);
    await reads.run(remember, deadline);
    const session = await issueSession(deps.sessionKeys, {
      userId,
      role,
      hosts,
      groups,
      minutes: deps.sessionMinutes,
      nowMs: deps.now(),
    });
    return c.json(session);
  });
}
