import { writeActor } from "../../contract/actor.ts";
import type { IdempotencyKey } from "../../contract/ids.ts";
import {
  type DividedChange,
  divideChange,
  divideLecture,
  faultOfField,
  LectureChange,
  NewLecture,
  Postponement,
} from "../../contract/lecture-change.ts";
import { Amended, type AmendRequest, type MakeRequest } from "../../contract/organised-lecture.ts";
import { type Change, senselessTerm } from "../../contract/terms.ts";
import { answerAmended, organiserWait, SENSELESS } from "../amendment-answers.ts";
import { requestIdOf } from "../answer.ts";
import { keyOf, requireNoContent } from "../claim-intent.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { versionOf } from "../if-match.ts";
import { readJsonBody } from "../json-body.ts";
import { actorOf } from "../organiser.ts";
import { askFor } from "../origin-answers.ts";
import { lectureIdOf } from "../path-ids.ts";
import { Refused } from "../problem.ts";

type Deps = Pick<EdgeDeps, "origin">;

/**
 * The longest body of these routes, in bytes: the longest description with every character escaped
 * by its sender, and the other words.
 */
export const LECTURE_BODY_BYTES_MAX = 160 * 1_024;

/** POST /api/admin/lectures: makes a lecture. 201 once the worker has made it. */
export function makeLecture({ origin }: Deps) {
  return async (c: EdgeContext): Promise<Response> => {
    const key = keyFor(c);
    const lecture = parsed(NewLecture, readJsonBody(c));
    const { words, change } = divideLecture(lecture);
    requireSense(change);
    const waitMs = organiserWait(c);
    const body: MakeRequest = { key, words, change, requestedAtMs: Date.now(), waitMs };
    const path = `/admin/lectures?${writeActor(actorOf(c))}`;
    const request = { method: "POST" as const, path, body, waitMs, requestId: requestIdOf(c) };
    return answerAmended(c, await askFor(Amended, origin, request), { key, status: 201 });
  };
}

/** PATCH /api/admin/lectures/:id: changes what the body names, and nothing else. */
export function amendLecture({ origin }: Deps) {
  return amending(origin, (c) => {
    const { strict = false, ...change } = parsed(LectureChange, readJsonBody(c));
    const divided = divideChange(change);
    if (!divided.words && Object.keys(divided.change).length === 0)
      throw new Refused("invalid_request", { detail: NO_CHANGE });
    return { ...divided, strict };
  });
}

/** POST /api/admin/lectures/:id/postpone: gives the lecture other times; all seats stay. */
export function postponeLecture({ origin }: Deps) {
  return amending(origin, (c) => divideChange(parsed(Postponement, readJsonBody(c))));
}

/** POST /api/admin/lectures/:id/publish: everybody may see it. */
export const publishLecture = bodiless(() => ({ published: true }));

/** POST /api/admin/lectures/:id/close: booking ends now; a later `closesAt` opens it again. */
export const closeLecture = bodiless((nowMs) => ({ closesAtMs: nowMs }));

/** POST /api/admin/lectures/:id/cancel: for good. Every seat is given back. */
export const cancelLecture = bodiless(() => ({ cancelled: true }));

/** DELETE /api/admin/lectures/:id: cancels it, and nobody but its organisers sees it any more. */
export const deleteLecture = bodiless(() => ({ cancelled: true, published: false }));

function bodiless(
  changeAt: (nowMs: number) => Change,
): (deps: Deps) => ReturnType<typeof amending> {
  return ({ origin }) =>
    amending(origin, (c, nowMs) => {
      requireNoContent(c);
      return { words: undefined, change: changeAt(nowMs) };
    });
}

type Asked = DividedChange & { strict?: boolean };

/** Reads the change, the version and the key; then the origin sees to it. */
function amending(
  origin: EdgeDeps["origin"],
  read: (c: EdgeContext, nowMs: number) => Asked,
): (c: EdgeContext) => Promise<Response> {
  return async (c) => {
    const lectureId = lectureIdOf(c);
    const ifVersion = versionOf(c);
    const key = keyFor(c);
    const requestedAtMs = Date.now();
    const { words, change, strict = false } = read(c, requestedAtMs);
    const waitMs = organiserWait(c);
    const body: AmendRequest = {
      key,
      ...(words && { words }),
      change,
      ifVersion,
      strict,
      requestedAtMs,
      waitMs,
    };
    const path = `/admin/lectures/${lectureId}/amendments?${writeActor(actorOf(c))}`;
    const request = { method: "POST" as const, path, body, waitMs, requestId: requestIdOf(c) };
    const answer = await askFor(Amended, origin, request);
    return answerAmended(c, answer, { key, status: 200, capacity: change.capacity });
  };
}

/** The Idempotency-Key as sent; a request without one is an intent of its own. */
function keyFor(c: EdgeContext): IdempotencyKey {
  return keyOf(c) ?? requestIdOf(c);
}

/** Reads a body by its schema. Throws Refused, which names the first field at fault. */
function parsed<Value>(
  schema: {
    safeParse(body: unknown): { data?: Value; error?: Parameters<typeof faultOfField>[0] };
  },
  body: unknown,
): Value {
  const { data, error } = schema.safeParse(body);
  if (error === undefined) return data as Value;
  const { field, en, zh } = faultOfField(error);
  throw new Refused("invalid_request", { detail: { en, zh }, members: { field } });
}

/** Refuses a new lecture that the worker would refuse, before it has a draft. */
function requireSense(change: Change): void {
  const { opensAtMs = 0, closesAtMs = 0, startsAtMs = 0, endsAtMs = 0 } = change;
  const { cancelUntilMs = null, capacity = 0, audience = [], published = false } = change;
  const times = { opensAtMs, closesAtMs, startsAtMs, endsAtMs, cancelUntilMs };
  const state = { version: 1, published, cancelled: false };
  if (senselessTerm({ ...state, ...times, capacity, audience }) !== undefined)
    throw new Refused("invalid_amendment", { detail: SENSELESS });
}

const NO_CHANGE = {
  en: "The body must name at least one field that changes.",
  zh: "请求体须至少给出一个要修改的字段。",
};
