import { Keyring, type NamedKey } from "../../../contract/keyring.ts";
import { SESSION_AUDIENCE, SESSION_ISSUER } from "../../../contract/session.ts";
import { signToken } from "./encode.ts";

/** A forger's material: a genuine token, its ingredients, and the system's keys for other uses. */
export interface Genuine {
  token: string;
  header: { alg: string; kid: string };
  claims: Record<string, unknown>;
  /**
   * the key that signs sessions. No forger has it, but only a genuine signature reaches some of the
   * rules.
   */
  key: NamedKey;
  edgeKeys: NamedKey[];
  nowS: number;
}

/** A genuine session of a user, as the origin would sign it. */
export function genuineToken(
  env: { sessionKeys: string; edgeKeys: string },
  userId: string,
): Genuine {
  const key = Keyring.parse(env.sessionKeys)[0];
  const nowS = Math.floor(Date.now() / 1_000);
  const header = { alg: "HS256", kid: key.id };
  const claims = {
    role: "student",
    iss: SESSION_ISSUER,
    aud: SESSION_AUDIENCE,
    sub: userId,
    iat: nowS,
    exp: nowS + 3_600,
  };
  const token = signToken(header, claims, key.secret);
  return { token, header, claims, key, edgeKeys: Keyring.parse(env.edgeKeys), nowS };
}
