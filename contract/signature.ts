import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Keyring, NamedKey } from "./keyring.ts";
import { copyState } from "./noble-internals.ts";

/**
 * The edge's signature on every request to the origin: HMAC-SHA256 over method, path with query,
 * timestamp, nonce and body. A newline, which none of the first four can contain, ends each of
 * them. Header `Lectern-Signature: <key id>.<timestamp ms>.<nonce>.<mac>`, the mac in hex.
 */
export const SIGNATURE_HEADER = "Lectern-Signature";

/** The largest distance of a signature's timestamp from the origin's clock, in milliseconds. */
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

/** The header value for a request, signed by the keyring's first key. */
export function sign(keys: Keyring, request: SignedRequest, nowMs: number): string {
  const key = keys[0];
  const nonce = crypto.randomUUID();
  return `${key.id}.${nowMs}.${nonce}.${bytesToHex(macOf(key, request, nowMs, nonce))}`;
}

const FORM = /^([A-Za-z0-9_-]{1,32})\.([1-9][0-9]{0,14})\.([0-9a-f-]{36})\.([0-9a-f]{64})$/;

/** Whether a header value has the form of a signature. The check needs no body. */
export function mayBeSignature(header: string | undefined): boolean {
  return FORM.test(header ?? "");
}

/**
 * Checks a header value against its request. Undefined if it is malformed, of an unknown key,
 * outside the window or of another request. The caller then checks whether the nonce was seen
 * before.
 */
export function verify(
  keys: Keyring,
  header: string | undefined,
  request: SignedRequest,
  nowMs: number,
): VerifiedSignature | undefined {
  const parts = FORM.exec(header ?? "");
  if (!parts) return undefined;
  const [, keyId, timestamp, nonce, mac] = parts as unknown as [
    string,
    string,
    string,
    string,
    string,
  ];
  const key = keys.find((candidate) => candidate.id === keyId);
  const timestampMs = Number(timestamp);
  if (!key || Math.abs(nowMs - timestampMs) > SIGNATURE_WINDOW_MS) return undefined;
  const genuine = areEqual(macOf(key, request, timestampMs, nonce), hexToBytes(mac));
  return genuine ? { nonce, timestampMs } : undefined;
}

/**
 * HMAC-SHA256 (RFC 2104), computed in JavaScript. WebCrypto hands each small piece of work over and
 * back, which costs more than the work. The result is valid until the next call.
 */
function macOf(
  key: NamedKey,
  request: SignedRequest,
  timestampMs: number,
  nonce: string,
): Uint8Array {
  const statement = utf8.encode(`${request.method}\n${request.path}\n${timestampMs}\n${nonce}\n`);
  const { begun, working } = keyed(key);
  copyState(begun, working).update(statement).update(request.body).digestInto(mac);
  return mac;
}

const mac = new Uint8Array(32);

type Hmac = ReturnType<typeof hmac.create>;

/** The HMAC state after the key, made once for each key and copied for every request. */
const mixed = new WeakMap<NamedKey, { begun: Hmac; working: Hmac }>();

function keyed(key: NamedKey) {
  const known = mixed.get(key);
  if (known) return known;
  const fresh = {
    begun: hmac.create(sha256, key.secret),
    working: hmac.create(sha256, key.secret),
  };
  mixed.set(key, fresh);
  return fresh;
}

/** Takes the same time whichever byte differs, so an attacker cannot guess a mac byte by byte. */
function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (const [at, byte] of one.entries()) difference |= byte ^ (other[at] ?? 0);
  return difference === 0;
}
