import { HELD_MAX_MS } from "../contract/origin-api.ts";
import type { ProblemCode } from "../contract/problems.ts";
import {
  createCatalogueGeneration,
  type Generation,
  type LookOutcome,
} from "./catalogue-generation.ts";
import type { KeptAnswer } from "./kept-answer.ts";
import type { Asker, Heard, Question } from "./kept-question.ts";
import { createKeptStore } from "./kept-store.ts";
import { createRecent } from "./recent.ts";
import { type Exchange, gathered } from "./round-trips.ts";

/** A kept answer, and the monotonic time from before its question. */
export interface Kept {
  question: Question;
  answer: KeptAnswer;
  askedAtMs: number;
  /** the generation of the catalogue, known before the question; undefined: it does not hold */
  generation: string | undefined;
  /** until when the generation may vouch for it */
  heldUntilMs: number;
  /** whether it was read since it was asked for */
  isWanted: boolean;
  /** when its server was last found to be away */
  failedAtMs: number;
}

/**
 * What a reader gets. `memory`: nothing was asked for it; `server`: it waited for an answer;
 * `stale`: the server is away, and the answer is from before.
 */
export type Reading =
  | { outcome: "kept"; kept: Kept; from: "memory" | "server" | "stale" }
  | { outcome: "refused"; code: ProblemCode; from: "memory" | "server" }
  | Extract<Heard, { outcome: "failed" }>;

/** What answered a read, as the metrics name it; `none`: nothing did. */
export type ReadSource = "memory" | "server" | "stale" | "none";

/** The answers that one isolate or process keeps. */
export interface KeptReads {
  now(): number;
  /**
   * When the answer was last known to be true: from before its question, or from before the last
   * look that found the generation under which it is held.
   */
  trueAtMs(kept: Kept): number;
  /** The answer by its key if it was true less than 1 s before `nowMs`. */
  fresh(key: string, nowMs: number): Kept | undefined;
  /**
   * Makes sure of an answer that was last true 0.5 s before `nowMs`: looks at the generation under
   * which it is held, or asks again. No reader waits for it.
   *
   * @param asker called only if a question leaves
   */
  renew(kept: Kept, nowMs: number, asker: () => Asker): void;
  /** Reads from memory, or waits for the server. Never rejects. */
  read(question: Question, asker: Asker): Promise<Reading>;
}

/** How long an answer may be repeated, in milliseconds since it was known to be true. */
export const TRUE_FOR_MS = 1_000;

/** The age at which an answer is asked for again, in milliseconds; the old one serves meanwhile. */
export const RENEW_AFTER_MS = 500;

/**
 * The age at which availability and generation are read along, in milliseconds, where a round trip
 * to Redis leaves anyway. Soon all of them are due together: an isolate makes two trips a second.
 */
const ALONG_AFTER_MS = RENEW_AFTER_MS / 2;

/** The most answers that are asked for along with another one. */
const ALONG_MAX = 100;

/**
 * How long a question keeps others from asking the same, in milliseconds. A silent server gets one
 * question a second for each key, as through a breaker.
 */
const OVERDUE_AFTER_MS = 1_000;

/** How long a reader waits for the questions of others, in milliseconds. */
const PATIENCE_MS = 7_000;

/** The bounds of the memory: a Worker has 128 MB. */
const ANSWERS_MAX = 2_000;
const BYTES_MAX = 16 * 1_024 * 1_024;

/** Refusals lie apart: invented ids drive out no answer. */
const REFUSALS_MAX = 2_000;

/** A question under way. */
interface Flight {
  startedAtMs: number;
  /** the generation as it was known before the question */
  generation: Generation | undefined;
  heard: Heard | undefined;
  ended: Promise<Heard>;
}

export interface KeptReadsOptions {
  /** whether a request may wait for another request's promise, which a Worker forbids */
  mayShare: boolean;
  /** sends commands to Redis in one round trip */
  exchange: Exchange;
  /** called with what each look at the catalogue's generation found */
  onLook?: ((outcome: LookOutcome) => void) | undefined;
  now?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
}

/**
 * Keeps answers for half a second, with one question under way for each key. Lectures and lists
 * serve on while the catalogue's generation stays: one look at Redis every half a second vouches
 * for all of them, and travels with the questions about availability. Where Redis is away they are
 * asked for again like any answer.
 *
 * A reader who finds nothing asks, and others wait for that question. On a Worker each of them
 * looks by a timer of its own. A question that is a second old keeps nobody from asking again, so a
 * cold key has as many questions under way as seconds that its server is silent, at most ten.
 */
export function createKeptReads({
  mayShare,
  exchange,
  onLook,
  now = () => performance.now(),
  sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}: KeptReadsOptions): KeptReads {
  const answers = createKeptStore<Kept>({
    valuesMax: ANSWERS_MAX,
    weightMax: BYTES_MAX,
    weightOf: ({ answer }) => answer.bytes,
  });
  const refusals = createRecent<{ code: ProblemCode; askedAtMs: number }>(REFUSALS_MAX);
  const flights = new Map<string, Flight>();
  const generation = createCatalogueGeneration(now, onLook);
  /** availability that was read since it was asked for */
  const wanted = new Set<Kept>();
  /** whether an answer that may hold was read since the last look at the generation */
  let isLookWanted = false;
  let waiting = 0;

  function launch(question: Question, asker: Asker): Flight {
    const last = answers.get(question.key);
    const atRedis = question.of === "availability";
    if (last) want(last);
    // The first answer tells whether it holds; a look beside it makes the second one hold.
    else if (!atRedis) isLookWanted = true;
    const looks =
      isLookWanted && generation.isDue(now(), atRedis ? ALONG_AFTER_MS : RENEW_AFTER_MS);
    const along = atRedis || looks ? dueAlong(question.key) : [];
    return depart([question, ...along], asker, looks)[0] as Flight;
  }

  /**
   * Lets questions leave, those to Redis in one round trip, with a look at the generation or not.
   */
  function depart(questions: Question[], { requestId, outlive }: Asker, looks: boolean): Flight[] {
    let leave = () => {};
    const together = gathered(exchange, (send) => {
      leave = send;
    });
    const launched = questions.map((question) => fly(question, requestId, together));
    const work: Promise<unknown>[] = launched.map(({ ended }) => ended);
    if (looks) {
      isLookWanted = false;
      work.push(generation.look(together));
    }
    leave();
    outlive?.(Promise.all(work));
    return launched;
  }

  function fly(question: Question, requestId: string, together: Exchange): Flight {
    const { key } = question;
    const last = answers.get(key);
    const flight: Flight = {
      startedAtMs: now(),
      generation: generation.current(),
      heard: undefined,
      ended: question
        .ask(requestId, last?.answer, together)
        .catch((error: unknown): Heard => ({ outcome: "failed", error }))
        .then((heard) => {
          flight.heard = heard;
          if (flights.get(key) === flight) flights.delete(key);
          learn(question, heard, flight);
          return heard;
        }),
    };
    flights.set(key, flight);
    return flight;
  }

  /** The questions that another trip to Redis takes along. */
  function dueAlong(besides?: string): Question[] {
    const nowMs = now();
    const due: Question[] = [];
    for (const kept of wanted) {
      const { question, askedAtMs } = kept;
      const isDue = nowMs - askedAtMs >= ALONG_AFTER_MS && due.length < ALONG_MAX;
      if (answers.get(question.key) !== kept) wanted.delete(kept);
      else if (isDue && question.key !== besides && isFree(question.key)) due.push(question);
    }
    return due;
  }

  /** Notes a read of what is kept: the next trip to Redis makes sure of it. */
  function want(kept: Kept): void {
    if (kept.heldUntilMs > kept.askedAtMs) isLookWanted = true;
    else if (kept.question.of === "availability" && !kept.isWanted) {
      kept.isWanted = true;
      wanted.add(kept);
    }
  }

  /** Whether a question may leave: none is under way, or it is overdue. */
  function isFree(key: string): boolean {
    const last = flights.get(key);
    return !last || isOverdue(last);
  }

  function keptOf(
    question: Question,
    { answer, holds }: Extract<Heard, { outcome: "kept" }>,
    { startedAtMs: askedAtMs, generation: known }: Pick<Flight, "startedAtMs" | "generation">,
  ): Kept {
    // A replica may be behind the change that began the generation.
    const isHeld = known && holds && askedAtMs >= known.seenAtMs + holds.behindMs;
    return {
      question,
      answer,
      askedAtMs,
      generation: isHeld ? known.name : undefined,
      heldUntilMs: askedAtMs + Math.min(HELD_MAX_MS, holds?.forMs ?? 0),
      isWanted: false,
      failedAtMs: Number.NEGATIVE_INFINITY,
    };
  }

  function trueAtMs({ askedAtMs, generation: name, heldUntilMs }: Kept): number {
    if (name === undefined) return askedAtMs;
    return Math.max(askedAtMs, Math.min(heldUntilMs, generation.confirmedAtMs(name)));
  }

  /** Whether a look can vouch for the answer, so that its server need not be asked. */
  function canHold({ generation: name, heldUntilMs }: Kept, nowMs: number): boolean {
    if (name === undefined || nowMs >= heldUntilMs) return false;
    return generation.current()?.name === name && !generation.isAway(nowMs);
  }

  /** A late answer to an old question replaces no newer one. */
  function learn(question: Question, heard: Heard, flight: Flight): void {
    const { startedAtMs: askedAtMs } = flight;
    const { key } = question;
    const last = answers.get(key);
    if (heard.outcome === "failed") {
      if (last) last.failedAtMs = now();
      return;
    }
    const lastAskedAtMs = last?.askedAtMs ?? refusals.get(key)?.askedAtMs ?? askedAtMs;
    if (askedAtMs < lastAskedAtMs) return;
    if (heard.outcome === "kept") {
      answers.set(key, keptOf(question, heard, flight));
    } else {
      answers.delete(key);
      refusals.set(key, { code: heard.code, askedAtMs });
    }
  }

  /** What was kept, if it is fresh enough for a reader who came at `cameAtMs`. */
  function known(key: string, cameAtMs: number): Reading | undefined {
    const kept = answers.get(key);
    if (kept) {
      const isFresh = cameAtMs - trueAtMs(kept) < TRUE_FOR_MS;
      return isFresh ? { outcome: "kept", kept, from: "memory" } : undefined;
    }
    const refusal = refusals.get(key);
    if (!refusal || cameAtMs - refusal.askedAtMs >= RENEW_AFTER_MS) return undefined;
    return { outcome: "refused", code: refusal.code, from: "memory" };
  }

  function stale({ key, staleForMs }: Question): Extract<Reading, { outcome: "kept" }> | undefined {
    const kept = answers.get(key);
    if (!kept || now() - trueAtMs(kept) >= staleForMs) return undefined;
    return { outcome: "kept", kept, from: "stale" };
  }

  const isOverdue = ({ startedAtMs }: Flight) => now() - startedAtMs >= OVERDUE_AFTER_MS;

  /** Reads what memory does not have. */
  async function ask(question: Question, asker: Asker): Promise<Reading> {
    const cameAtMs = now();
    while (now() - cameAtMs < PATIENCE_MS) {
      const old = stale(question);
      if (old && now() - old.kept.failedAtMs < OVERDUE_AFTER_MS) return old;
      const last = flights.get(question.key);
      const isMine = !last || isOverdue(last);
      const flight = isMine ? launch(question, asker) : last;
      // A server that left a question without an answer for a second is away: nobody waits for
      // the next question.
      if (old && isMine && last) {
        old.kept.failedAtMs = now();
        return old;
      }
      const heard = isMine
        ? await (old ? within(OVERDUE_AFTER_MS, flight) : flight.ended)
        : await follow(flight, question.key, cameAtMs);
      const reading = readingOf(question, heard, cameAtMs, flight);
      if (reading) return reading;
    }
    return { outcome: "failed", error: new Error("no answer within the reader's patience") };
  }

  /** Reads an answer; undefined where there is none and no stale answer may stand in. */
  function readingOf(
    question: Question,
    heard: Heard | undefined,
    cameAtMs: number,
    flight: Flight,
  ): Reading | undefined {
    if (heard?.outcome === "kept")
      return { outcome: "kept", kept: keptOf(question, heard, flight), from: "server" };
    if (heard?.outcome === "refused") return { ...heard, from: "server" };
    return known(question.key, cameAtMs) ?? stale(question) ?? heard;
  }

  function within(ms: number, flight: Flight): Promise<Heard | undefined> {
    return Promise.race([flight.ended, sleep(ms).then(() => flight.heard)]);
  }

  /** Waits for another request's question; undefined if it is overdue, or memory has an answer. */
  async function follow(flight: Flight, key: string, cameAtMs: number): Promise<Heard | undefined> {
    if (mayShare) return await within(flight.startedAtMs + OVERDUE_AFTER_MS - now(), flight);
    waiting += 1;
    try {
      while (!flight.heard && !isOverdue(flight) && !known(key, cameAtMs))
        await sleep(nextLookMs(waiting));
      return flight.heard;
    } finally {
      waiting -= 1;
    }
  }

  return {
    now,
    trueAtMs,

    fresh(key, nowMs) {
      const kept = answers.get(key);
      return kept && nowMs - trueAtMs(kept) < TRUE_FOR_MS ? kept : undefined;
    },

    renew(kept, nowMs, asker) {
      want(kept);
      if (nowMs - trueAtMs(kept) < RENEW_AFTER_MS) return;
      if (!canHold(kept, nowMs)) {
        if (isFree(kept.question.key)) launch(kept.question, asker());
      } else if (generation.isDue(nowMs, RENEW_AFTER_MS)) depart(dueAlong(), asker(), true);
    },

    async read(question, asker) {
      const nowMs = now();
      const reading = known(question.key, nowMs);
      if (!reading) return await ask(question, asker);
      if (reading.outcome === "kept") this.renew(reading.kept, nowMs, () => asker);
      return reading;
    },
  };
}

/** Looks of all waiting readers in a second; see edge/crowd.ts. */
const LOOKS_PER_S = 2_000;
const LOOK_AFTER_MIN_MS = 10;
const LOOK_AFTER_MAX_MS = 1_000;

/** 0.5 to 1.5 times the wait that keeps to LOOKS_PER_S. */
function nextLookMs(waiting: number): number {
  const evenMs = (1_000 * waiting) / LOOKS_PER_S;
  const boundedMs = Math.min(LOOK_AFTER_MAX_MS, Math.max(LOOK_AFTER_MIN_MS, evenMs));
  return boundedMs * (0.5 + Math.random());
}
