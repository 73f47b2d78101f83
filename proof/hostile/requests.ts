import type { Keyring } from "../../contract/keyring.ts";
import { SIGNATURE_HEADER, sign } from "../../contract/signature.ts";

/** A request to the origin, as its signature covers it. */
export interface Sent {
  method?: string;
  path: string;
  body?: string;
}

/** The edge's signature of a request. */
export function signatureOf(
  keys: Keyring,
  { method = "GET", path, body = "" }: Sent,
  nowMs = Date.now(),
): string {
  return sign(keys, { method, path, body: new TextEncoder().encode(body) }, nowMs);
}

export function signed(signature: string): string {
  return `${SIGNATURE_HEADER}: ${signature}`;
}

/** The bytes of a request with these header lines and no others, one character a byte. */
export function requestText(start: string, lines: string[], body = ""): string {
  return [`${start} HTTP/1.1`, ...lines, "", Buffer.from(body).toString("latin1")].join("\r\n");
}
