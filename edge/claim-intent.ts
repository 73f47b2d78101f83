import { IdempotencyKey, type LectureId, type Rid, ridOf, type UserId } from "../contract/ids.ts";
import { requestIdOf } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import { readJsonBody } from "./json-body.ts";
import { lectureIdOf } from "./path-ids.ts";
import { waitOf } from "./prefer.ts";
import { Refused } from "./problem.ts";

/** One student's wish to book one lecture, checked. */
export interface ClaimIntent {
  lectureId: LectureId;
  userId: UserId;
  rid: Rid;
  key: IdempotencyKey;
  /** whether the client sent the key, and so may have sent it before */
  isKeySent: boolean;
  /** how long the client would wait for the decision, in milliseconds */
  waitMs: number;
}

/** Reads a reserve request. Throws Refused for everything that is wrong with it. */
export function readIntent(c: EdgeContext): ClaimIntent {
  const lectureId = lectureIdOf(c);
  const sent = keyOf(c);
  requireNoContent(c);
  const userId = c.get("session").sub;
  const key = sent ?? ownKey(requestIdOf(c));
  const rid = ridOf(lectureId, userId, key);
  return { lectureId, userId, rid, key, isKeySent: sent !== undefined, waitMs: waitOf(c) };
}

/**
 * The key of a request that was sent without one, which is an intent of its own: 62 random bits of the request's name, so short that what the
 * rid is made of mostly fits one block of SHA-256.
 */
function ownKey(requestId: string): IdempotencyKey {
  return requestId.slice(19);
}

/** The Idempotency-Key as sent; undefined where there is none, or no valid one. */
export function sentKey(headers: Headers): IdempotencyKey | undefined {
  return IdempotencyKey.safeParse(headers.get("idempotency-key")).data;
}

/** As the client sent it, if it did. Throws Refused for what can be no key. */
function keyOf(c: EdgeContext): IdempotencyKey | undefined {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return undefined;
  if (IdempotencyKey.safeParse(key).success) return key;
  throw new Refused("invalid_request", {
    detail: {
      en: 'Idempotency-Key must be 1 to 255 visible ASCII characters, or a quoted string such as "my key".',
      zh: 'Idempotency-Key 须为 1 至 255 个可见 ASCII 字符，或形如 "my key" 的带引号字符串。',
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
  return (
    typeof body === "object" &&
    body !== null &&
    !Array.isArray(body) &&
    Object.keys(body).length === 0
  );
}
