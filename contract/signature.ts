import type { Keyring, NamedKey } from "./keyring.ts";

/**
 * The signature the edge puts on every request to the origin: HMAC-SHA256 over method, path with query, SHA-256 of the
 * body, timestamp and nonce. Header `Lectern-Signature: <key id>.<timestamp ms>.<nonce>.<mac>`, the mac in hex.
 */
export const SIGNATURE_HEADER = "Lectern-Signature";

/** How far a signature's timestamp may lie from the origin's clock, in milliseconds. */
export const SIGNATURE_WINDOW_MS = 30_000;

export interface SignedRequest {
  method: string;
  /** path and query exactly as sent */
  path: string;
  body: Uint8Array<ArrayBuffer>;
}

export interface VerifiedSignature {
  nonce: string;
  timestampMs: number;
}

const utf8 = new TextEncoder();

/** The header value for a request, by the keyring's first key. */
export async function sign(keys: Keyring, request: SignedRequest, nowMs: number): Promise<string> {
  const key = keys[0];
  const nonce = crypto.randomUUID();
  const mac = await crypto.subtle.sign("HMAC", await macKey(key), await statement(request, nowMs, nonce));
  return `${key.id}.${nowMs}.${nonce}.${toHex(mac)}`;
}

const FORM = /^([A-Za-z0-9_-]{1,32})\.([1-9][0-9]{0,14})\.([0-9a-f-]{36})\.([0-9a-f]{64})$/;

/** Whether a header value has the form of a signature at all, which is seen without knowing the request's body. */
export function mayBeSignature(header: string | undefined): boolean {
  return FORM.test(header ?? "");
}

/**
 * Checks a header value against the request it came with. Gives undefined when it is malformed, of an unknown key, outside the
 * window or not of this request. Whether the nonce was seen before is for the caller to check, after this.
 */
export async function verify(
  keys: Keyring,
  header: string | undefined,
  request: SignedRequest,
  nowMs: number,
): Promise<VerifiedSignature | undefined> {
  const parts = FORM.exec(header ?? "");
  if (!parts) return undefined;
  const [, keyId, timestamp, nonce, mac] = parts as unknown as [string, string, string, string, string];
  const key = keys.find((candidate) => candidate.id === keyId);
  const timestampMs = Number(timestamp);
  if (!key || Math.abs(nowMs - timestampMs) > SIGNATURE_WINDOW_MS) return undefined;
  const genuine = await crypto.subtle.verify(
    "HMAC",
    await macKey(key),
    fromHex(mac),
    await statement(request, timestampMs, nonce),
  );
  return genuine ? { nonce, timestampMs } : undefined;
}

async function statement(request: SignedRequest, timestampMs: number, nonce: string) {
  const bodyHash = toHex(await crypto.subtle.digest("SHA-256", request.body));
  return utf8.encode(`${request.method}\n${request.path}\n${bodyHash}\n${timestampMs}\n${nonce}`);
}

/** Importing a key costs more than using it, so each is imported once. */
const imported = new WeakMap<NamedKey, Promise<CryptoKey>>();

function macKey(key: NamedKey): Promise<CryptoKey> {
  const known = imported.get(key);
  if (known) return known;
  const fresh = crypto.subtle.importKey("raw", key.secret, { name: "HMAC", hash: "SHA-256" }, false, [
    "sign",
    "verify",
  ]);
  imported.set(key, fresh);
  return fresh;
}

function toHex(buffer: ArrayBuffer): string {
  let text = "";
  for (const byte of new Uint8Array(buffer)) text += byte.toString(16).padStart(2, "0");
  return text;
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
