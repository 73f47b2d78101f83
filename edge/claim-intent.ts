import { IdempotencyKey, type LectureId, type Rid, ridOf, type UserId } from "../contract/ids.ts";
import { requestIdOf } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import { readJsonBody } from "./json-body.ts";
import { lectureIdOf } from "./path-ids.ts";
import { waitOf } from "./prefer.ts";
import { Refused } from "./problem.ts";

/** One student's request to book one lecture, checked. */
export interface ClaimIntent {
  lectureId: LectureId;
  userId: UserId;
  rid: Rid;
  key: IdempotencyKey;
  /** whether the client sent the key, and so may have sent it before */
  isKeySent: boolean;
  /** the groups of the student's session */
  groups: readonly string[];
  /** how long the client would wait for the decision, in milliseconds */
  waitMs: number;
}

/** Reads a reserve request. Throws Refused for every fault in it. */
export function readIntent(c: EdgeContext): ClaimIntent {
  const lectureId = lectureIdOf(c);
  const sent = keyOf(c);
  requireNoContent(c);
  const { sub: userId, groups } = c.get("session");
  const key = sent ?? ownKey(requestIdOf(c));
  const rid = ridOf(lectureId, userId, key);
  return { lectureId, userId, rid, key, isKeySent: sent !== undefined, groups, waitMs: waitOf(c) };
}

/**
 * The key of a request that sends none: 62 random bits of the request's name. Each such request is
 * a new intent. With so short a key the rid's input mostly fits one block of SHA-256.
 */
export function ownKey(requestId: string): IdempotencyKey {
  return requestId.slice(19);
}

/** The Idempotency-Key as sent; undefined without a valid key. */
export function sentKey(headers: Headers): IdempotencyKey | undefined {
  return IdempotencyKey.safeParse(headers.get("idempotency-key")).data;
}

/** The Idempotency-Key as sent; undefined without a key. Throws Refused for an invalid key. */
export function keyOf(c: EdgeContext): IdempotencyKey | undefined {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return undefined;
  if (IdempotencyKey.safeParse(key).success) return key;
  throw new Refused("invalid_request", {
    detail: {
      en: 'Idempotency-Key must be 1 to 255 visible ASCII characters, or quoted like "my key".',
      zh: 'Idempotency-Key 须为 1 至 255 个可见 ASCII 字符，或形如 "my key" 的带引号字符串。',
    },
  });
}

/**
 * Throws Refused where a request whose address says all has a body. A repeated key can never bring
 * another valid body, and no body is remembered.
 */
export function requireNoContent(c: EdgeContext): void {
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
