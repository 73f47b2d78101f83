import type { ProblemCode } from "../contract/problems.ts";
import type { KeptAnswer } from "./kept-answer.ts";
import { createKeptStore } from "./kept-store.ts";
import { createRecent } from "./recent.ts";

/**
 * A server's answer to a question. `refused`: there is nothing to read, which is kept too.
 * `failed`: no answer, or a refusal of this moment, named by its code; it is not kept.
 */
export type Heard =
  | { outcome: "kept"; answer: KeptAnswer }
  | { outcome: "refused"; code: ProblemCode }
  | { outcome: "failed"; code?: ProblemCode | undefined; error: unknown };

/** Asks the server. `last` is the answer of before, which may be returned as it is. */
export type Ask = (requestId: string, last: KeptAnswer | undefined) => Promise<Heard>;

/** A question that all clients ask alike. */
export interface Question {
  /** the path below /api, with the query in its one spelling */
  key: string;
  /** the route with its method, and what it reads, as the metrics name them */
  route: string;
  of: "lectures" | "availability";
  ask: Ask;
  /** how old an answer may be while its server is away, in milliseconds; 0: never stale */
  staleForMs: number;
}

/** The request that asks. */
export interface Asker {
  requestId: string;
  /** has the runtime finish work although the client leaves */
  outlive: ((work: Promise<unknown>) => void) | undefined;
}

/** A kept answer, and the monotonic time from before its question. */
export interface Kept {
  question: Question;
  answer: KeptAnswer;
  askedAtMs: number;
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
  /** The answer by its key if it is less than 1 s old at `nowMs`. */
  fresh(key: string, nowMs: number): Kept | undefined;
  /**
   * Asks again if the answer is 0.5 s old at `nowMs` and no question is under way. No reader waits
   * for it.
   *
   * @param asker called only if a question leaves
   */
  renew(kept: Kept, nowMs: number, asker: () => Asker): void;
  /** Reads from memory, or waits for the server. Never rejects. */
  read(question: Question, asker: Asker): Promise<Reading>;
}

/** How long an answer may be repeated, in milliseconds from before its question. */
export const TRUE_FOR_MS = 1_000;

/** The age at which an answer is asked for again, in milliseconds; the old one serves meanwhile. */
export const RENEW_AFTER_MS = 500;

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
  heard: Heard | undefined;
  ended: Promise<Heard>;
}

export interface KeptReadsOptions {
  /** whether a request may wait for another request's promise, which a Worker forbids */
  mayShare: boolean;
  now?: () => number;
  sleep?: (ms: number) => Promise<unknown>;
}

/**
 * Keeps answers for half a second, with one question under way for each key.
 *
 * A reader who finds nothing asks, and others wait for that question. On a Worker each of them
 * looks by a timer of its own. A question that is a second old keeps nobody from asking again, so a
 * cold key has as many questions under way as seconds that its server is silent, at most ten.
 */
export function createKeptReads({
  mayShare,
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
  let waiting = 0;

  function launch(question: Question, { requestId, outlive }: Asker): Flight {
    const last = answers.get(question.key);
    const flight: Flight = { startedAtMs: now(), heard: undefined, ended: fly() };
    flights.set(question.key, flight);
    outlive?.(flight.ended);
    return flight;

    async function fly(): Promise<Heard> {
      const heard = await question
        .ask(requestId, last?.answer)
        .catch((error: unknown): Heard => ({ outcome: "failed", error }));
      flight.heard = heard;
      if (flights.get(question.key) === flight) flights.delete(question.key);
      learn(question, heard, flight.startedAtMs);
      return heard;
    }
  }

  /** A late answer to an old question replaces no newer one. */
  function learn(question: Question, heard: Heard, askedAtMs: number): void {
    const { key } = question;
    const last = answers.get(key);
    if (heard.outcome === "failed") {
      if (last) last.failedAtMs = now();
      return;
    }
    const lastAskedAtMs = last?.askedAtMs ?? refusals.get(key)?.askedAtMs ?? askedAtMs;
    if (askedAtMs < lastAskedAtMs) return;
    if (heard.outcome === "kept") {
      const { answer } = heard;
      answers.set(key, { question, answer, askedAtMs, failedAtMs: Number.NEGATIVE_INFINITY });
    } else {
      answers.delete(key);
      refusals.set(key, { code: heard.code, askedAtMs });
    }
  }

  /** What was kept, if it is fresh enough for a reader who came at `cameAtMs`. */
  function known(key: string, cameAtMs: number): Reading | undefined {
    const kept = answers.get(key);
    if (kept) {
      const isFresh = cameAtMs - kept.askedAtMs < TRUE_FOR_MS;
      return isFresh ? { outcome: "kept", kept, from: "memory" } : undefined;
    }
    const refusal = refusals.get(key);
    if (!refusal || cameAtMs - refusal.askedAtMs >= RENEW_AFTER_MS) return undefined;
    return { outcome: "refused", code: refusal.code, from: "memory" };
  }

  function stale({ key, staleForMs }: Question): Extract<Reading, { outcome: "kept" }> | undefined {
    const kept = answers.get(key);
    if (!kept || now() - kept.askedAtMs >= staleForMs) return undefined;
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
    { startedAtMs: askedAtMs }: Flight,
  ): Reading | undefined {
    if (heard?.outcome === "kept") {
      const { answer } = heard;
      const kept = { question, answer, askedAtMs, failedAtMs: Number.NEGATIVE_INFINITY };
      return { outcome: "kept", kept, from: "server" };
    }
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

    fresh(key, nowMs) {
      const kept = answers.get(key);
      return kept && nowMs - kept.askedAtMs < TRUE_FOR_MS ? kept : undefined;
    },

    renew(kept, nowMs, asker) {
      if (nowMs - kept.askedAtMs < RENEW_AFTER_MS) return;
      const last = flights.get(kept.question.key);
      if (!last || isOverdue(last)) launch(kept.question, asker());
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
