import type { Rid, UserId } from "../../contract/ids.ts";
import type { Breach } from "../audit/breach.ts";
import { type Entry, type Intent, intentsOf } from "../kit/journal.ts";

/** What the promises are judged by: the clients' journal and MySQL's confirmed rows at the end. */
export interface RushFacts {
  seats: number;
  /** every student who pressed */
  students: UserId[];
  entries: readonly Entry[];
  /** on the clock of the entries */
  opensAtMs: number;
  confirmedRows: { rid: Rid; userId: UserId }[];
  /** rows that were rejected as sold out; only of a lecture that was amended meanwhile */
  soldOutRows?: { rid: Rid; userId: UserId }[];
}

/** The verdict on a promise: kept if `count` is 0. */
export interface PromiseVerdict {
  promise: string;
  count: number;
  /** the first breaches */
  breaches: Breach[];
}

interface Told extends RushFacts {
  intents: Intent[];
  /** user → the intents answered `confirmed` */
  wins: Map<UserId, Intent[]>;
}

const promises: [promise: string, breaches: (told: Told) => Iterable<Breach>][] = [
  ["every seat is confirmed, and not one more", breaksCount],
  ["a student has one seat at most (G2)", breaksOneEach],
  ["whoever has no seat was told sold_out", breaksSoldOut],
  ["another press of a winner was told already_reserved", breaksAlreadyReserved],
  ["before the opening everybody was told not_open", breaksNotOpen],
  ["the same key has one reservation and one answer (G8)", breaksSameKey],
  ["nobody was told two decisions (G3)", breaksOneDecision],
  ["every 202 was decided (G6)", breaksDecided],
  ["no request failed", breaksService],
  ["MySQL has confirmed whom the edge has told so", breaksLedger],
];

/**
 * Promises that hold while the lecture is amended too. A press that is told `sold_out` or `closed`
 * may get a seat a moment later, when there are more, or the window is open again.
 */
const whenAmended: typeof promises = [
  ["nobody who was let through was told sold_out (T3)", breaksLetThrough],
  ["a student has one seat at most (G2)", breaksOneEach],
  ["before the opening everybody was told not_open", breaksNotOpen],
  ["every 202 was decided (G6)", breaksDecided],
  ["no request failed, and none was told not_ready", breaksServiceWhenAmended],
  ["MySQL has confirmed whom the edge has told so", breaksLedger],
];

const BREACHES_KEPT = 20;

/** Judges the journal by every promise of a rush. */
export function judgePromises(facts: RushFacts): PromiseVerdict[] {
  const intents = intentsOf(facts.entries);
  const won = intents.filter(isConfirmed);
  const told = { ...facts, intents, wins: Map.groupBy(won, ({ userId }) => userId) };
  const judged = facts.soldOutRows ? whenAmended : promises;
  return judged.map(([promise, breaches]) => {
    const found = [...breaches(told)];
    return { promise, count: found.length, breaches: found.slice(0, BREACHES_KEPT) };
  });
}

function* breaksLetThrough({ soldOutRows = [] }: Told): Iterable<Breach> {
  for (const { rid, userId } of soldOutRows)
    yield { what: "was let through, and is sold_out", rid, userId };
}

function* breaksCount({ seats, students, wins }: Told): Iterable<Breach> {
  const expected = Math.min(seats, students.length);
  const confirmed = [...wins.values()].reduce((total, intents) => total + intents.length, 0);
  if (confirmed !== expected)
    yield { what: `${confirmed} were told confirmed, ${expected} must be` };
}

function* breaksOneEach({ wins }: Told): Iterable<Breach> {
  for (const [userId, [, ...more]] of wins) {
    for (const intent of more)
      yield breachOf(intent, `${userId} was told confirmed by another key as well`);
  }
}

function* breaksSoldOut({ students, intents, wins }: Told): Iterable<Breach> {
  const ofUser = Map.groupBy(intents, ({ userId }) => userId);
  for (const userId of students) {
    if (wins.has(userId)) continue;
    const own = ofUser.get(userId) ?? [];
    if (own.length === 0) yield { what: "no press was answered", userId };
    for (const intent of own) {
      if (lastOf(intent) !== "sold_out")
        yield breachOf(intent, `was told ${lastOf(intent) ?? "nothing"} in the end`);
    }
  }
}

function* breaksAlreadyReserved({ intents, wins }: Told): Iterable<Breach> {
  for (const intent of intents) {
    if (!wins.has(intent.userId) || isConfirmed(intent)) continue;
    if (lastOf(intent) !== "already_reserved")
      yield breachOf(
        intent,
        `holds a seat, and this press was told ${lastOf(intent) ?? "nothing"}`,
      );
  }
}

/**
 * A press under way at the opening may rightly be let in, so only answers before the opening count.
 */
function* breaksNotOpen({ entries, opensAtMs }: Told): Iterable<Breach> {
  for (const { answeredAtMs, outcome, userId, rid } of entries) {
    if (answeredAtMs < opensAtMs && outcome !== "not_open")
      yield { what: `was told ${outcome} before the opening`, userId, ...(rid && { rid }) };
  }
}

function* breaksSameKey({ intents }: Told): Iterable<Breach> {
  for (const intent of intents) {
    const outcomes = new Set(intent.conclusions.map(({ outcome }) => outcome));
    if (outcomes.size > 1)
      yield breachOf(intent, `one key was told ${[...outcomes].join(" and ")}`);
    if (intent.rids.size > 1)
      yield breachOf(intent, `one key was given ${[...intent.rids].join(" and ")}`);
  }
}

function* breaksOneDecision({ intents }: Told): Iterable<Breach> {
  for (const intent of intents) {
    const otherwise = intent.conclusions.find(({ outcome }) => outcome !== "confirmed");
    if (isConfirmed(intent) && otherwise)
      yield breachOf(intent, `was told confirmed, and ${otherwise.outcome} as well`);
  }
}

function* breaksDecided({ intents }: Told): Iterable<Breach> {
  for (const intent of intents) {
    if (intent.wasPending && intent.conclusions.length === 0)
      yield breachOf(intent, "was accepted and never decided");
  }
}

/**
 * `throttled` counts as a failure: a second press must meet `sold_out` or `already_reserved` first.
 */
const failures: ReadonlySet<Entry["outcome"]> = new Set([
  "unexpected",
  "no_answer",
  "unavailable",
  "internal",
  "throttled",
]);

function* breaksService({ entries }: Told): Iterable<Breach> {
  for (const { userId, kind, status, outcome, rid, detail } of entries) {
    if (status < 500 && !failures.has(outcome)) continue;
    const what = `a ${kind} was answered ${status} ${outcome}${detail ? `: ${detail}` : ""}`;
    yield { what, userId, ...(rid && { rid }) };
  }
}

/** A student who was told `sold_out` and presses by another key when there are more seats waits. */
function* breaksServiceWhenAmended(told: Told): Iterable<Breach> {
  yield* breaksService({
    ...told,
    entries: told.entries.filter(({ outcome }) => outcome !== "throttled"),
  });
}

function* breaksLedger({ wins, confirmedRows }: Told): Iterable<Breach> {
  const told = new Map(
    [...wins.values()].flat().flatMap((intent) => [...intent.rids].map((rid) => [rid, intent])),
  );
  for (const { rid, userId } of confirmedRows) {
    if (told.get(rid)?.userId !== userId)
      yield { what: "confirmed in MySQL and told so by nobody", rid, userId };
  }
  const written = new Set(confirmedRows.map(({ rid }) => rid));
  for (const [rid, { userId }] of told) {
    if (!written.has(rid)) yield { what: "told confirmed, and not so in MySQL", rid, userId };
  }
}

function isConfirmed({ conclusions }: Intent): boolean {
  return conclusions.some(({ outcome }) => outcome === "confirmed");
}

function lastOf({ conclusions }: Intent): Entry["outcome"] | undefined {
  return conclusions.at(-1)?.outcome;
}

function breachOf({ userId, key, rids }: Intent, what: string): Breach {
  const [rid] = rids;
  return { what: `${what} (key ${key})`, userId, ...(rid && { rid }) };
}
