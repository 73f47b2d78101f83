import { createHmac } from "node:crypto";

/** Base64url without padding, of text or bytes. */
export function base64url(content: string | Uint8Array): string {
  return Buffer.from(content).toString("base64url");
}

/** The content of a token's part: a value to write as JSON, or the JSON text itself. */
export type Part = Record<string, unknown> | string;

/**
 * A token of any header and claims, signed with any secret. `hash` decides the algorithm, whatever
 * the header claims.
 */
export function signToken(
  header: Part,
  claims: Part,
  secret: string | Uint8Array,
  hash = "sha256",
): string {
  const input = `${encodePart(header)}.${encodePart(claims)}`;
  return `${input}.${createHmac(hash, secret).update(input).digest("base64url")}`;
}

export function encodePart(part: Part): string {
  return base64url(typeof part === "string" ? part : JSON.stringify(part));
}

/** A token's three parts. */
export function partsOf(token: string): [header: string, claims: string, signature: string] {
  const [header = "", claims = "", signature = ""] = token.split(".");
  return [header, claims, signature];
}
