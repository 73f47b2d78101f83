import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import * as z from "zod";
import { copyState } from "./noble-internals.ts";

/** A lecture's id: a positive decimal integer of at most 15 digits, exact as a JSON number too. */
export const LECTURE_ID_FORM = /^[1-9][0-9]{0,14}$/;
export const LectureId = z.string().regex(LECTURE_ID_FORM);
export type LectureId = z.infer<typeof LectureId>;

/** The user who books. Safe as a Redis hash field, a ZooKeeper node name and a URL segment. */
export const USER_ID_FORM = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
export const UserId = z.string().regex(USER_ID_FORM);
export type UserId = z.infer<typeof UserId>;

/**
 * A reservation id: the lecture's id, a dash, 128 bits in hex. It names its lecture and its shard.
 */
export const RID_FORM = /^[1-9][0-9]{0,14}-[0-9a-f]{32}$/;
export const Rid = z.string().regex(RID_FORM);
export type Rid = z.infer<typeof Rid>;

/**
 * An Idempotency-Key, at most 255 characters: visible ASCII, or a quoted string (RFC 9651) that may
 * have spaces. The key is the header as sent: `"k"` and `k` are two keys.
 */
export const IdempotencyKey = z
  .string()
  .max(255)
  .regex(/^(?:[\x21-\x7e]+|"(?:[ !#-[\]-~]|\\["\\])*")$/);
export type IdempotencyKey = z.infer<typeof IdempotencyKey>;

/**
 * The empty hash, its working copy, and the digest. Hashing is synchronous, so these serve every
 * call.
 */
const [fresh, working, digest] = [sha256.create(), sha256.create(), new Uint8Array(32)];

/** The mark in the hash of an amendment's rid. */
const AMENDMENT = "amend";

/** The longest input: lecture, user, key and mark, each ended by a byte that none can contain. */
const hashed = new Uint8Array(15 + 64 + 255 + AMENDMENT.length + 4);

/**
 * The rid of one intent to book. Equal lecture, user and key give the same rid on every machine and
 * every retry. No table of keys is needed to recognise a repetition.
 *
 * The hex is the first 128 bits of SHA-256 over the three, each ended by a byte that none of them
 * can contain.
 */
export function ridOf(lectureId: LectureId, userId: UserId, key: IdempotencyKey): Rid {
  return ridOfHashed(lectureId, write(key, write(userId, write(lectureId, 0))));
}

/**
 * The rid of one intent to change a lecture, in the form of any rid. The same key names another rid
 * for a booking.
 */
export function amendmentRidOf(lectureId: LectureId, userId: UserId, key: IdempotencyKey): Rid {
  const intent = write(key, write(userId, write(lectureId, 0)));
  return ridOfHashed(lectureId, write(AMENDMENT, intent));
}

/** The mark in the hash of an intent to make a lecture. */
const CREATION = "create";

/** 32 hex digits that are the same for every try of a user to make a lecture under one key. */
export function creationOf(userId: UserId, key: IdempotencyKey): string {
  const length = write(CREATION, write(key, write(userId, 0)));
  return hexOfHashed(length);
}

/** @param length of the intent that stands in `hashed` */
function ridOfHashed(lectureId: LectureId, length: number): Rid {
  return `${lectureId}-${hexOfHashed(length)}`;
}

function hexOfHashed(length: number): string {
  copyState(fresh, working).update(hashed.subarray(0, length)).digestInto(digest);
  return bytesToHex(digest.subarray(0, 16));
}

/**
 * Writes ASCII text and its end byte from `at` on; gives the next position. A TextEncoder leaves
 * JavaScript, which takes longer on Workers.
 */
function write(text: string, at: number): number {
  let next = at;
  if (at + text.length >= hashed.length) throw new RangeError("too long for an id or a key");
  for (let i = 0; i < text.length; i += 1) hashed[next++] = text.charCodeAt(i);
  hashed[next++] = 0;
  return next;
}

/** The lecture of a rid. */
export function lectureOf(rid: Rid): LectureId {
  return rid.slice(0, rid.indexOf("-"));
}
