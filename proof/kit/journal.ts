import type { IdempotencyKey, Rid, UserId } from "../../contract/ids.ts";
import type { ProblemCode } from "../../contract/problems.ts";

/**
 * How the edge answered: with how the reservation stands, with a refusal, with something that is no answer of ours (`unexpected`), or
 * not at all.
 */
export type Outcome =
  | "confirmed"
  | "pending"
  | "cancelled"
  | ProblemCode
  | "unexpected"
  | "no_answer";

/** One question of a student and its answer. Times are in milliseconds on one clock. */
export interface Entry {
  userId: UserId;
  key: IdempotencyKey;
  /** `early` before the opening, `press` at it, `again` the same key once more, `status` asking how it went, `cancel` giving it back */
  kind: "early" | "press" | "again" | "status" | "cancel";
  sentAtMs: number;
  answeredAtMs: number;
  /** HTTP; 0 when there was no answer */
  status: number;
  outcome: Outcome;
  /** the reservation the answer is about, where it names the student's own */
  rid?: Rid;
  /** what came that is not of the contract, shortened */
  detail?: string;
}

/** What a student wanted with one key, and everything that came of it. */
export interface Intent {
  userId: UserId;
  key: IdempotencyKey;
  clickedAtMs: number;
  rids: Set<Rid>;
  /** answers that settle the matter, in the order in which they came */
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

/** Puts together what belongs to one key. A click that was told not_open, and so has to be made again, does not count as the click. */
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
