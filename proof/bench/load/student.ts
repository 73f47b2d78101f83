import type { UserId } from "../../../contract/ids.ts";
import type { Keyring } from "../../../contract/keyring.ts";
import { SESSION_AUDIENCE, SESSION_ISSUER } from "../../../contract/session.ts";

const SESSION_S = 3_600;

/** A signed-in student with an own address. */
export interface Student {
  userId: UserId;
  token: string;
  address: string;
}

/**
 * Returns a function that makes distinct students, signed in as by the origin. It is synchronous:
 * origin/session-token.ts waits for Web Crypto, and the generator must not limit the measurement.
 */
export function studentMaker(keys: Keyring): () => Student {
  const key = keys[0];
  const head = encode({ alg: "HS256", kid: key.id });
  const crowd = Math.random().toString(36).slice(2, 8).toUpperCase();
  let made = 0;
  return () => {
    made += 1;
    const userId = `s-${crowd}${String(made).padStart(7, "0")}`;
    const issuedS = Math.floor(Date.now() / 1_000);
    const payload = {
      role: "student",
      iss: SESSION_ISSUER,
      aud: SESSION_AUDIENCE,
      sub: userId,
      iat: issuedS,
      exp: issuedS + SESSION_S,
    };
    const statement = `${head}.${encode(payload)}`;
    const mac = new Bun.CryptoHasher("sha256", key.secret).update(statement).digest("base64url");
    return { userId, token: `${statement}.${mac}`, address: addressOf(made) };
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function addressOf(index: number): string {
  return `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
}
