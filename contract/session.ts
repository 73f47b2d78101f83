import * as z from "zod";
import { UserId } from "./ids.ts";

/** The claims of a session token: a JWS signed HS256 by the origin, verified at the edge. */
export const Session = z.object({
  sub: UserId,
  role: z.enum(["student", "organiser", "admin"]),
  exp: z.int(),
});
export type Session = z.infer<typeof Session>;

/** Issuer and audience every session token carries. */
export const SESSION_ISSUER = "lectern";
export const SESSION_AUDIENCE = "lectern-edge";

/** The cookie that carries the token for browsers; API clients send it as Bearer. */
export const SESSION_COOKIE = "lectern_session";

/**
 * The same over HTTPS: of a name that begins like this a browser takes a cookie from its own host
 * only.
 */
export const SECURE_SESSION_COOKIE = `__Host-${SESSION_COOKIE}`;
