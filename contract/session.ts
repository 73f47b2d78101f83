import * as z from "zod";
import { UserId } from "./ids.ts";
import { GROUPS_MAX, Group } from "./terms.ts";

/** The claims of a session token: a JWS signed HS256 by the origin, verified at the edge. */
export const Session = z.object({
  sub: UserId,
  role: z.enum(["student", "organiser", "admin"]),
  exp: z.int(),
  /** the groups that an audience may name; older tokens have none */
  groups: z._default(z.array(Group).check(z.maxLength(GROUPS_MAX)), []),
  /** the hosts that an organiser works for */
  hosts: z._default(z.array(z.string().check(z.regex(/^[a-z0-9-]{1,32}$/))), []),
});
export type Session = z.infer<typeof Session>;

/** Issuer and audience of every session token. */
export const SESSION_ISSUER = "lectern";
export const SESSION_AUDIENCE = "lectern-edge";

/** The cookie that carries the token for browsers; API clients send the token as Bearer. */
export const SESSION_COOKIE = "lectern_session";

/** The cookie's name over HTTPS. A browser accepts a `__Host-` cookie from its own host only. */
export const SECURE_SESSION_COOKIE = `__Host-${SESSION_COOKIE}`;
