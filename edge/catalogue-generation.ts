import type { RedisReply } from "../admission/redis-command.ts";
import { redisNames } from "../contract/names.ts";
import type { Exchange } from "./round-trips.ts";

/** A generation of the catalogue, as an isolate knows it. */
export interface Generation {
  name: string;
  /** when it was first seen: the change before it is older. All times are monotonic, in ms. */
  seenAtMs: number;
  /** from before the last look that found it */
  confirmedAtMs: number;
}

/** What a look found; `unknown`: Redis did not answer, or lacks a generation. */
export type LookOutcome = "same" | "new" | "unknown";

/** The catalogue's generation in Redis, as one isolate or process sees it. */
export interface CatalogueGeneration {
  /** undefined while none is known: nothing may be held then */
  current(): Generation | undefined;
  /** When a generation was last known to stand; -Infinity for one that is long gone. */
  confirmedAtMs(name: string): number;
  /** Whether the last look was at least `afterMs` ago, and none is under way or it is overdue. */
  isDue(nowMs: number, afterMs: number): boolean;
  /** Whether Redis left the last look without an answer for some time, or it failed. */
  isAway(nowMs: number): boolean;
  /** Looks, with one command or two in the first step. Never rejects. */
  look(exchange: Exchange): Promise<void>;
}

/** A look that takes longer shows that Redis is away or slow, in milliseconds. */
const PATIENCE_MS = 250;

/** A look that takes longer keeps no other look from leaving, in milliseconds. */
const OVERDUE_AFTER_MS = 1_000;

const READ = `["GET","${redisNames.generation}"]`;

/** @param now monotonic time, in milliseconds */
export function createCatalogueGeneration(
  now: () => number,
  onLook?: (outcome: LookOutcome) => void,
): CatalogueGeneration {
  let current: Generation | undefined;
  let previous: Generation | undefined;
  let isMissing = false;
  let hasFailed = false;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looks = 0;
  let isUnderWay = false;

  function learn(name: string | undefined, askedAtMs: number): LookOutcome {
    isMissing = name === undefined;
    const isSame = name !== undefined && current?.name === name;
    if (isSame && current) current.confirmedAtMs = askedAtMs;
    else {
      previous = current;
      current =
        name === undefined ? undefined : { name, seenAtMs: now(), confirmedAtMs: askedAtMs };
    }
    if (name === undefined) return "unknown";
    return isSame ? "same" : "new";
  }

  async function read(exchange: Exchange): Promise<string | undefined> {
    // A Redis that lost the generation gets one: its name is new, so nothing is held under it.
    const begin = `["SET","${redisNames.generation}","${crypto.randomUUID()}","NX"]`;
    const replies = await exchange(isMissing ? [begin, READ] : [READ]);
    const { result, error } = replies.at(-1) as RedisReply;
    if (error !== undefined) throw new Error(error);
    return typeof result === "string" ? result : undefined;
  }

  return {
    current: () => current,

    confirmedAtMs(name) {
      if (current?.name === name) return current.confirmedAtMs;
      return previous?.name === name ? previous.confirmedAtMs : Number.NEGATIVE_INFINITY;
    },

    isDue(nowMs, afterMs) {
      const ageMs = nowMs - lookedAtMs;
      return ageMs >= afterMs && (!isUnderWay || ageMs >= OVERDUE_AFTER_MS);
    },

    isAway: (nowMs) => hasFailed || (isUnderWay && nowMs - lookedAtMs >= PATIENCE_MS),

    async look(exchange) {
      const askedAtMs = now();
      lookedAtMs = askedAtMs;
      isUnderWay = true;
      looks += 1;
      const look = looks;
      const name = await read(exchange).catch((error: unknown) => ({ error }));
      // A later look knows better.
      if (look !== looks) return;
      isUnderWay = false;
      hasFailed = typeof name === "object";
      const outcome = typeof name === "object" ? "unknown" : learn(name, askedAtMs);
      onLook?.(outcome);
    },
  };
}
