import { SignJWT } from "jose";
import type { UserId } from "../contract/ids.ts";
import type { Keyring } from "../contract/keyring.ts";
import type { SignedIn } from "../contract/origin-api.ts";
import { SESSION_AUDIENCE, SESSION_ISSUER, type Session } from "../contract/session.ts";

/**
 * Makes a session token for a user, signed by the keyring's first key and valid for `minutes` from
 * `nowMs` on.
 */
export async function issueSession(
  keys: Keyring,
  {
    userId,
    role,
    groups,
    hosts,
    minutes,
    nowMs,
  }: {
    userId: UserId;
    role: Session["role"];
    groups?: Session["groups"];
    hosts?: Session["hosts"];
    minutes: number;
    nowMs: number;
  },
): Promise<SignedIn> {
  const key = keys[0];
  const expiresAtS = Math.floor(nowMs / 1_000) + minutes * 60;
  const token = await new SignJWT({ role, ...(groups && { groups }), ...(hosts && { hosts }) })
    .setProtectedHeader({ alg: "HS256", kid: key.id })
    .setIssuer(SESSION_ISSUER)
    .setAudience(SESSION_AUDIENCE)
    .setSubject(userId)
    .setIssuedAt(Math.floor(nowMs / 1_000))
    .setExpirationTime(expiresAtS)
    .sign(key.secret);
  return { token, expiresAt: new Date(expiresAtS * 1_000).toISOString() };
}
