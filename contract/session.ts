import * as z from "zod";
import { HOSTS_OF_SESSION_MAX, HostId } from "./host.ts";
import { UserId } from "./ids.ts";
import { GROUPS_MAX, Group } from "./terms.ts";

export const Role = z.enum(["student", "organiser", "admin"]);
export type Role = z.infer<typeof Role>;

/** The groups and the hosts of a session, each once. */
export const SessionGroups = z.array(Group).check(z.maxLength(GROUPS_MAX));
export const SessionHosts = z.array(HostId).check(z.maxLength(HOSTS_OF_SESSION_MAX));

/** The claims of a session token: a JWS signed HS256 by the origin, verified at the edge. */
export const Session = z.object({
  sub: UserId,
  role: Role,
  exp: z.int(),
  /** the groups that an audience may name; older tokens have none */
  groups: z._default(SessionGroups, []),
  /** the hosts that an organiser works for */
  hosts: z._default(SessionHosts, []),
});
export type Session = z.infer<typeof Session>;

/** What `GET /api/me` tells a session about itself; `hosts` where an organiser asks. */
export const Me = z.object({ id: UserId, role: Role, hosts: z.optional(SessionHosts) });
export type Me = z.infer<typeof Me>;

/** Issuer and audience of every session token. */
export const SESSION_ISSUER = "lectern";
export const SESSION_AUDIENCE = "lectern-edge";

/** The cookie that carries the token for browsers; API clients send the token as Bearer. */
export const SESSION_COOKIE = "lectern_session";

/** The cookie's name over HTTPS. A browser accepts a `__Host-` cookie from its own host only. */
export const SECURE_SESSION_COOKIE = `__Host-${SESSION_COOKIE}`;
