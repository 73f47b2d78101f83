import { type Refusing, readRefusing } from "../admission/refusing.ts";
import type { AdmissionRedis } from "../admission/script.ts";
import { type LectureId, ridOf, type UserId } from "../contract/ids.ts";

/** The refusal that a claim would get, known without asking Redis. */
export type KnownRefusal = { outcome: "not_open"; opensInMs: number } | { outcome: "sold_out" };

/** One user's request for one lecture. */
export interface Asked {
  lectureId: LectureId;
  userId: UserId;
  /** returns the Idempotency-Key as the client sent it; seldom called */
  key: () => string | undefined;
}

/**
 * What this isolate or process knows of lectures that refuse everybody. Most of a rush meets a
 * lecture that is not open or sold out. All users without a claim get the same answer: Redis is
 * asked twice a second, and not once a press.
 */
export interface KnownRefusals {
  /** The user's refusal, if it was true less than 1 s ago; undefined if only Redis can tell. */
  of(asked: Asked): KnownRefusal | undefined;
  /**
   * Asks Redis again whom a lecture refuses, if the last answer is 0.5 s old and no question is
   * under way. Returns the question's promise, which never rejects; undefined without a question.
   * No request waits for the promise. The question should outlive its request.
   */
  renew(lectureId: LectureId): Promise<void> | undefined;
  /** Whether nothing is known of any lecture yet. */
  isEmpty(): boolean;
  /** Whether a refusal of the lecture is known that may still be true. */
  has(lectureId: LectureId): boolean;
  /**
   * Asks Redis whom a lecture refuses, unless it was just asked. Never rejects: a failure teaches
   * nothing.
   */
  learn(lectureId: LectureId): Promise<void>;
  /** A seat was claimed: all knowledge of the lecture ends. */
  forget(lectureId: LectureId): void;
}

/** How long an answer of Redis may be repeated, in milliseconds from before the question. */
export const TRUE_FOR_MS = 1_000;

/**
 * The age at which an answer is asked for again, in milliseconds. The old answer serves until the
 * new one comes.
 */
const ASK_AFTER_MS = 500;

/**
 * How long a question may be under way before it is asked again, in milliseconds. If its client has
 * left, the answer never comes.
 */
const UNDER_WAY_FOR_MS = 3_000;

/** Lectures remembered at once; beyond that the first one learnt is forgotten. */
const LECTURES_MAX = 200;

interface Known {
  askedAtMs: number;
  refusing: Refusing | undefined;
}

interface Question {
  askedAtMs: number;
  isUnderWay: boolean;
}

export function createKnownRefusals(
  redis: Pick<AdmissionRedis, "evalsha">,
  now: () => number = () => performance.now(),
): KnownRefusals {
  const known = new Map<LectureId, Known>();
  /** the last question about each lecture; a claim removes it, and its answer no longer counts */
  const questions = new Map<LectureId, Question>();

  /**
   * A question under way counts as just asked. Asking again would discard a slow answer, and in a
   * rush every answer is slow.
   */
  function wasJustAsked(lectureId: LectureId): boolean {
    const last = questions.get(lectureId);
    return (
      last !== undefined &&
      now() - last.askedAtMs < (last.isUnderWay ? UNDER_WAY_FOR_MS : ASK_AFTER_MS)
    );
  }

  /** If Redis does not answer, earlier knowledge stays as long as it is true. */
  async function ask(lectureId: LectureId): Promise<void> {
    const question = { askedAtMs: now(), isUnderWay: true };
    remember(questions, lectureId, question);
    try {
      const refusing = await readRefusing(redis, lectureId);
      if (questions.get(lectureId) === question)
        remember(known, lectureId, { askedAtMs: question.askedAtMs, refusing });
    } catch {
      // Requests that need Redis report that it does not answer.
    } finally {
      question.isUnderWay = false;
    }
  }

  return {
    of(asked) {
      const entry = known.get(asked.lectureId);
      if (!entry?.refusing) return undefined;
      const ageMs = now() - entry.askedAtMs;
      return ageMs < TRUE_FOR_MS ? refusalFor(entry.refusing, ageMs, asked) : undefined;
    },

    renew(lectureId) {
      const entry = known.get(lectureId);
      if (!entry?.refusing) return undefined;
      const ageMs = now() - entry.askedAtMs;
      const isDue = ageMs >= ASK_AFTER_MS && ageMs < TRUE_FOR_MS && !wasJustAsked(lectureId);
      return isDue ? ask(lectureId) : undefined;
    },

    isEmpty: () => known.size === 0,

    has: (lectureId) => known.get(lectureId)?.refusing !== undefined,

    async learn(lectureId) {
      if (!wasJustAsked(lectureId)) await ask(lectureId);
    },

    forget(lectureId) {
      known.delete(lectureId);
      questions.delete(lectureId);
    },
  };
}

function refusalFor(refusing: Refusing, ageMs: number, asked: Asked): KnownRefusal | undefined {
  if (refusing.outcome === "sold_out")
    return refusing.holders.has(asked.userId) ? undefined : soldOut(refusing, asked);
  // Counted from before the question: no user is turned away a moment too long.
  const opensInMs = Math.floor(refusing.opensInMs - ageMs);
  return opensInMs > 0 ? { outcome: "not_open", opensInMs } : undefined;
}

const SOLD_OUT = { outcome: "sold_out" } as const;

/** The refusal, unless Redis has more to say: how an earlier request with the same key ended. */
function soldOut(
  { released }: Extract<Refusing, { outcome: "sold_out" }>,
  { lectureId, userId, key }: Asked,
): KnownRefusal | undefined {
  const sent = released.size > 0 ? key() : undefined;
  return sent !== undefined && released.has(ridOf(lectureId, userId, sent)) ? undefined : SOLD_OUT;
}

function remember<Value>(values: Map<LectureId, Value>, lectureId: LectureId, value: Value): void {
  values.delete(lectureId);
  values.set(lectureId, value);
  const oldest = values.keys().next();
  if (values.size > LECTURES_MAX && !oldest.done) values.delete(oldest.value);
}
