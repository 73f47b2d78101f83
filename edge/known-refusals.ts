import { type Refusing, readRefusing } from "../admission/refusing.ts";
import type { AdmissionRedis } from "../admission/script.ts";
import { type LectureId, ridOf, type UserId } from "../contract/ids.ts";

/** What a claim would be answered, said without asking Redis. */
export type KnownRefusal = { outcome: "not_open"; opensInMs: number } | { outcome: "sold_out" };

/** Who asks for which lecture. */
export interface Asked {
  lectureId: LectureId;
  userId: UserId;
  /** gives the Idempotency-Key as the client sent it; seldom asked for */
  key: () => string | undefined;
}

/**
 * What this isolate or process knows of lectures that turn everybody away. Most of a rush is told
 * that a lecture is not open or has no seat left, and it is the same for all who have no claim; so
 * Redis is asked twice a second and not once a click.
 */
export interface KnownRefusals {
  /** What the user would be told, where that was true less than a second ago; undefined where only Redis can tell. */
  of(asked: Asked): KnownRefusal | undefined;
  /**
   * Asks Redis anew whom a lecture turns away, when the last answer is half a second old and no
   * question is under way. Gives the question's promise, which never rejects. Nobody has to wait for
   * it, but it should outlive the request that began it. Undefined where nothing is asked.
   */
  renew(lectureId: LectureId): Promise<void> | undefined;
  /** Whether nothing was learnt of any lecture yet. */
  isEmpty(): boolean;
  /** Whether anything was learnt of the lecture that may still be true. */
  has(lectureId: LectureId): boolean;
  /** Asks Redis whom a lecture turns away, unless that was just done. Never rejects: nothing is known then. */
  learn(lectureId: LectureId): Promise<void>;
  /** A seat was claimed: whatever was known of the lecture is over. */
  forget(lectureId: LectureId): void;
}

/** For how long an answer of Redis may be repeated, in milliseconds from before the question. */
export const TRUE_FOR_MS = 1_000;

/**
 * After this long what is known is asked for anew, in milliseconds; until the answer is there
 * everybody is still answered from here.
 */
const ASK_AFTER_MS = 500;

/**
 * For this long a question may be under way before it is given up and asked anew, in milliseconds: whoever asked may have left, and then its
 * answer never comes.
 */
const UNDER_WAY_FOR_MS = 3_000;

/** Lectures remembered at once; past it the one learnt first is forgotten. */
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
  /** what Redis was asked last; a seat that is claimed meanwhile takes it away, so the answer counts for nothing */
  const questions = new Map<LectureId, Question>();

  /**
   * A slow answer is waited for: to ask anew would throw it away, and in a rush every one is slow.
   */
  function wasJustAsked(lectureId: LectureId): boolean {
    const last = questions.get(lectureId);
    return (
      last !== undefined &&
      now() - last.askedAtMs < (last.isUnderWay ? UNDER_WAY_FOR_MS : ASK_AFTER_MS)
    );
  }

  /** Where Redis does not answer, what was known before stays known for as long as it is true. */
  async function ask(lectureId: LectureId): Promise<void> {
    const question = { askedAtMs: now(), isUnderWay: true };
    remember(questions, lectureId, question);
    try {
      const refusing = await readRefusing(redis, lectureId);
      if (questions.get(lectureId) === question)
        remember(known, lectureId, { askedAtMs: question.askedAtMs, refusing });
    } catch {
      // Whoever needs Redis is told that it does not answer.
    } finally {
      question.isUnderWay = false;
    }
  }

  return {
    of(asked) {
      const entry = known.get(asked.lectureId);
      if (!entry?.refusing) return undefined;
      const ageMs = now() - entry.askedAtMs;
      return ageMs < TRUE_FOR_MS ? refusalOf(entry.refusing, ageMs, asked) : undefined;
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

function refusalOf(refusing: Refusing, ageMs: number, asked: Asked): KnownRefusal | undefined {
  if (refusing.outcome === "sold_out")
    return refusing.holders.has(asked.userId) ? undefined : soldOut(refusing, asked);
  // Counted from before the question, so that nobody is turned away a moment too long.
  const opensInMs = Math.floor(refusing.opensInMs - ageMs);
  return opensInMs > 0 ? { outcome: "not_open", opensInMs } : undefined;
}

const SOLD_OUT = { outcome: "sold_out" } as const;

/** Unless Redis has more to say: of how an earlier request by the same key ended. */
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
