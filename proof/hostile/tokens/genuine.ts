import { createHmac } from "node:crypto";
import { Keyring, type NamedKey } from "../../../contract/keyring.ts";
import { SESSION_AUDIENCE, SESSION_ISSUER } from "../../../contract/session.ts";

/** The content of a token's part: a value to write as JSON, or the JSON text itself. */
export type Part = Record<string, unknown> | string;

/** What a token may have in place of the genuine one's ingredients. */
export interface Change {
  /** fields in place of the genuine header's, or another text for the whole header */
  header?: Part;
  /** the same for the claims */
  claims?: Part;
  secret?: string | Uint8Array;
  /** decides the algorithm, whatever the header claims */
  hash?: string;
}

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
  /** Signs a token of these ingredients with the change. */
  sign(change: Change): string;
}

/** A genuine session of a user, as the origin of these settings would sign it. */
export function genuineToken(settings: Record<string, string>, userId: string): Genuine {
  const [key] = Keyring.parse(settings["SESSION_KEYS"]);
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
  const sign = ({ secret = key.secret, hash = "sha256", ...change }: Change) => {
    const input = [changed(header, change.header), changed(claims, change.claims)].join(".");
    return `${input}.${createHmac(hash, secret).update(input).digest("base64url")}`;
  };
  const edgeKeys = Keyring.parse(settings["EDGE_KEYS"]);
  return { token: sign({}), header, claims, key, edgeKeys, nowS, sign };
}

function changed(genuine: Record<string, unknown>, change: Part = {}): string {
  return encodePart(typeof change === "string" ? change : { ...genuine, ...change });
}

export function encodePart(part: Part): string {
  return base64url(typeof part === "string" ? part : JSON.stringify(part));
}

/** Base64url without padding, of text or bytes. */
export function base64url(content: string | Uint8Array): string {
  return Buffer.from(content).toString("base64url");
}

/** A token's three parts. */
export function partsOf(token: string): [header: string, claims: string, signature: string] {
  const [header = "", claims = "", signature = ""] = token.split(".");
  return [header, claims, signature];
}
