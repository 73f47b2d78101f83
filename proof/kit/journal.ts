import type { IdempotencyKey, Rid, UserId } from "../../contract/ids.ts";
import type { ProblemCode } from "../../contract/problems.ts";

/**
 * How the edge answered: the status of the reservation, a refusal, an answer outside the contract
 * (`unexpected`), or no answer.
 */
export type Outcome =
  | "confirmed"
  | "pending"
  | "cancelled"
  | ProblemCode
  | "unexpected"
  | "no_answer";

/** A student's question and its answer. Times are in milliseconds on one clock. */
export interface Entry {
  userId: UserId;
  key: IdempotencyKey;
  /**
   * `early` presses before the opening, `press` at the opening. `again` repeats the same key,
   * `status` asks for the status, `cancel` gives the seat back.
   */
  kind: "early" | "press" | "again" | "status" | "cancel";
  sentAtMs: number;
  answeredAtMs: number;
  /** the HTTP status; 0 without an answer */
  status: number;
  outcome: Outcome;
  /** the student's own reservation, if the answer names it */
  rid?: Rid;
  /** an answer outside the contract, shortened */
  detail?: string;
}

/** A student's wish under one key, and everything that followed. */
export interface Intent {
  userId: UserId;
  key: IdempotencyKey;
  clickedAtMs: number;
  rids: Set<Rid>;
  /** the answers that settle the wish, in order of arrival */
  conclusions: { outcome: Outcome; atMs: number }[];
  wasPending: boolean;
}

/** Answers after which the client tries again or asks on. */
const inconclusive: ReadonlySet<Outcome> = new Set([
  "pending",
  "not_open",
  "rate_limited",
  "throttled",
  "not_ready",
  "unavailable",
  "internal",
  "unexpected",
  "no_answer",
]);

export function isConclusive(outcome: Outcome): boolean {
  return !inconclusive.has(outcome);
}

/**
 * Groups the entries by key. A click answered `not_open` must be made again, and so does not count
 * as the click.
 */
export function intentsOf(entries: readonly Entry[]): Intent[] {
  const intents = new Map<string, Intent>();
  for (const entry of entries.toSorted((a, b) => a.answeredAtMs - b.answeredAtMs)) {
    if (entry.outcome === "not_open") continue;
    const { userId, key, sentAtMs, answeredAtMs, outcome, rid } = entry;
    const known = intents.get(key);
    const intent = known ?? {
      userId,
      key,
      clickedAtMs: sentAtMs,
      rids: new Set(),
      conclusions: [],
      wasPending: false,
    };
    intents.set(key, intent);
    intent.clickedAtMs = Math.min(intent.clickedAtMs, sentAtMs);
    if (rid) intent.rids.add(rid);
    if (outcome === "pending") intent.wasPending = true;
    if (isConclusive(outcome)) intent.conclusions.push({ outcome, atMs: answeredAtMs });
  }
  return [...intents.values()];
}
