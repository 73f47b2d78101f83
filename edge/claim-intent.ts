import { IdempotencyKey, type LectureId, type Rid, ridOf, type UserId } from "../contract/ids.ts";
import type { EdgeContext } from "./context.ts";
import { readJsonBody } from "./json-body.ts";
import { lectureIdOf } from "./path-ids.ts";
import { applyWait } from "./prefer.ts";
import { Refused } from "./problem.ts";

/** One student's wish to book one lecture, checked. */
export interface ClaimIntent {
  lectureId: LectureId;
  userId: UserId;
  rid: Rid;
  key: IdempotencyKey;
  /** how long the client would wait for the decision, in milliseconds */
  waitMs: number;
}

/** A wish whose rid is not computed yet: most of a rush is refused without one. */
export interface Wish extends Omit<ClaimIntent, "rid" | "key"> {
  /** undefined where the client sent none: then each request is an intent of its own */
  key: IdempotencyKey | undefined;
}

/** Reads a reserve request. Throws Refused for everything that is wrong with it. */
export function readWish(c: EdgeContext): Wish {
  const lectureId = lectureIdOf(c);
  const key = keyOf(c);
  requireNoContent(c);
  const userId = c.get("session").sub;
  return { lectureId, userId, key, waitMs: applyWait(c) };
}

export function withRid({ lectureId, userId, key, waitMs }: Wish): ClaimIntent {
  const own = key ?? ownKey();
  return { lectureId, userId, key: own, waitMs, rid: ridOf(lectureId, userId, own) };
}

/** Tells this request from the user's others for the lecture; 62 random bits, so short that what the rid is made of mostly fits one block of SHA-256. */
function ownKey(): IdempotencyKey {
  return crypto.randomUUID().slice(19);
}

function keyOf(c: EdgeContext): IdempotencyKey | undefined {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return undefined;
  if (IdempotencyKey.safeParse(key).success) return key;
  throw new Refused("invalid_request", {
    detail: {
      en: "Idempotency-Key must be 1 to 255 visible ASCII characters.",
      zh: "Idempotency-Key 须为 1 至 255 个可见 ASCII 字符。",
    },
  });
}

/**
 * A reservation has no content but its lecture. So a key that comes again can never come with another valid body, and nobody has
 * to remember bodies.
 */
function requireNoContent(c: EdgeContext): void {
  const body = readJsonBody(c);
  if (body === undefined || isEmptyObject(body)) return;
  throw new Refused("invalid_request", {
    detail: {
      en: "The body must be empty or {}: the lecture is named by the address.",
      zh: "请求体须为空或 {}：讲座由地址指定。",
    },
  });
}

function isEmptyObject(body: unknown): boolean {
  return typeof body === "object" && body !== null && !Array.isArray(body) && Object.keys(body).length === 0;
}
