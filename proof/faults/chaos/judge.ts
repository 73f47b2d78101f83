import {
  type IdempotencyKey,
  type LectureId,
  type Rid,
  ridOf,
  type UserId,
} from "../../../contract/ids.ts";
import { RejectReason } from "../../../contract/reservation.ts";
import type { Breach } from "../../audit/breach.ts";
import type { ReservationRow } from "../../audit/facts.ts";
import { type Entry, isConclusive } from "../../kit/journal.ts";
import { settles } from "./rush.ts";

/** What the clients' journal is judged by. */
export interface ChaosFacts {
  lectureId: LectureId;
  entries: readonly Entry[];
  /** every decision of the lecture, at rest */
  rows: readonly ReservationRow[];
  /** rids that a claim, a pending node or a message still names, at rest */
  knownElsewhere: ReadonlySet<Rid>;
  /** whether Redis lost data in this schedule */
  redisLostData: boolean;
  /** whether a fault of the edge itself cut clients off in this schedule */
  edgeBroken: boolean;
}

/** The result of a schedule for its clients. A wish is a student's intent under one key. */
export interface Judgement {
  /** wishes sent */
  attempted: number;
  /** wishes answered `pending` or with a decision */
  acknowledged: number;
  /** decisions in MySQL at rest */
  confirmed: number;
  rejected: number;
  cancelled: number;
  /** acknowledged wishes that failed or were unknown on the way and still got a decision */
  recovered: number;
  /**
   * wishes accepted by a Redis that lost its data before any other server knew them; a repeated
   * request settles these
   */
  forgotten: number;
  /** acknowledged wishes without a decision */
  lost: number;
  /** keys with several reservations, and users with several confirmed seats */
  duplicated: number;
  /** answers that no fault excuses */
  unexpected: number;
  breaches: Breach[];
}

interface Wish {
  userId: UserId;
  key: IdempotencyKey;
  rid: Rid;
  /** in order of arrival */
  entries: Entry[];
}

/** Honest refusals while a server behind the edge is away, and missing answers. */
const troubles: ReadonlySet<Entry["outcome"]> = new Set([
  "unavailable",
  "not_ready",
  "no_answer",
  "internal",
]);

/** Judges every client's answers by MySQL's decisions. */
export async function judgeChaos(facts: ChaosFacts): Promise<Judgement> {
  const wishes = wishesOf(facts);
  const rows = new Map(facts.rows.map((row) => [row.rid, row]));
  const judged = wishes.map((wish) => judgeWish(wish, rows.get(wish.rid), facts));
  const count = (name: "acknowledged" | "recovered" | "forgotten" | "lost") =>
    judged.filter((one) => one[name]).length;
  const duplicates = [
    ...judged.flatMap(({ duplicates }) => duplicates),
    ...secondSeats(facts.rows),
  ];
  const unexpected = [...unexpectedAnswers(facts)];
  const withStatus = (status: string) => facts.rows.filter((row) => row.status === status).length;
  return {
    attempted: wishes.length,
    acknowledged: count("acknowledged"),
    confirmed: withStatus("confirmed"),
    rejected: withStatus("rejected"),
    cancelled: withStatus("cancelled"),
    recovered: count("recovered"),
    forgotten: count("forgotten"),
    lost: count("lost"),
    duplicated: duplicates.length,
    unexpected: unexpected.length,
    breaches: [
      ...judged.flatMap(({ breaches }) => breaches),
      ...duplicates,
      ...unexpected,
      ...unasked(facts.rows, wishes),
    ],
  };
}

function wishesOf({ lectureId, entries }: ChaosFacts): Wish[] {
  const inOrder = entries.toSorted((a, b) => a.answeredAtMs - b.answeredAtMs);
  const groups = Map.groupBy(inOrder, ({ userId, key }) => `${userId} ${key}`);
  return [...groups.values()].flatMap((ofKey) => {
    const [first] = ofKey;
    if (!first) return [];
    const { userId, key } = first;
    return [{ userId, key, rid: ridOf(lectureId, userId, key), entries: ofKey }];
  });
}

function judgeWish(
  { rid, entries, ...wish }: Wish,
  row: ReservationRow | undefined,
  facts: ChaosFacts,
) {
  const told = entries.filter((entry) => entry.rid !== undefined);
  const acknowledged = told.some(({ status, outcome }) => status < 300 || isRejection(outcome));
  const settled = entries.some(({ outcome }) => settles(outcome));
  const toldDecision = told.some(({ outcome }) => isConclusive(outcome));
  const toldUnknown = entries.some(({ outcome }) => outcome === "reservation_not_found");
  const failed = toldUnknown || entries.some(({ outcome }) => troubles.has(outcome));

  const isUnknown = acknowledged && !row;
  const forgotten =
    isUnknown && facts.redisLostData && !toldDecision && !facts.knownElsewhere.has(rid) && settled;
  const lost = isUnknown && !forgotten;
  const breachOf = (what: string): Breach => ({
    what: `${what} (key ${wish.key})`,
    userId: wish.userId,
    rid,
  });
  const others = new Set(told.flatMap((entry) => entry.rid ?? []).filter((other) => other !== rid));
  const broken = [
    ...brokenWords(entries, row),
    ...(settled ? [] : ["was never settled"]),
    ...(lost ? ["was acknowledged, and has no decision"] : []),
    ...(toldUnknown && acknowledged && !facts.redisLostData
      ? ["was accepted, and told reservation_not_found"]
      : []),
  ];
  return {
    acknowledged,
    recovered: acknowledged && row !== undefined && failed,
    forgotten,
    lost,
    duplicates: [...others].map((other) => breachOf(`was given ${other} as well`)),
    breaches: broken.map(breachOf),
  };
}

/** G3: each answer matches the written decision, and no decision is taken back. */
function* brokenWords(entries: Entry[], row: ReservationRow | undefined): Iterable<string> {
  const firstCancel = entries.find(({ kind }) => kind === "cancel");
  const cancelledAtMs = entries.find(({ outcome }) => outcome === "cancelled")?.answeredAtMs;
  const written = row?.status ?? "nothing";
  const kinds = new Set<string>();
  for (const { outcome, rid, sentAtMs } of entries) {
    if (rid === undefined) continue;
    const decision = isRejection(outcome) ? "rejected" : outcome;
    if (decision !== "confirmed" && decision !== "rejected" && decision !== "cancelled") continue;
    const isGivenBack = decision === "confirmed" && written === "cancelled" && firstCancel;
    if (written !== decision && !isGivenBack) yield `was told ${outcome}, and MySQL has ${written}`;
    if (decision === "cancelled") {
      if (!firstCancel) yield "was told cancelled, and nobody had cancelled it";
      continue;
    }
    kinds.add(decision);
    if (decision === "confirmed" && cancelledAtMs !== undefined && sentAtMs > cancelledAtMs)
      yield "was told cancelled, and confirmed after that";
  }
  if (kinds.size > 1) yield "was told confirmed and rejected";
  if (row?.status === "confirmed" && cancelledAtMs !== undefined)
    yield "was told cancelled, and is confirmed";
}

function* secondSeats(rows: readonly ReservationRow[]): Iterable<Breach> {
  const confirmed = rows.filter(({ status }) => status === "confirmed");
  for (const [userId, [, ...more]] of Map.groupBy(confirmed, (row) => row.userId)) {
    for (const { rid } of more) yield { what: "a second confirmed seat", userId, rid };
  }
}

function* unasked(rows: readonly ReservationRow[], wishes: Wish[]): Iterable<Breach> {
  const asked = new Set(wishes.map(({ rid }) => rid));
  for (const { rid, userId } of rows) {
    if (!asked.has(rid)) yield { what: "a decision nobody has asked for", rid, userId };
  }
}

function* unexpectedAnswers({ entries, edgeBroken }: ChaosFacts): Iterable<Breach> {
  for (const { userId, kind, status, outcome, detail } of entries) {
    const isCut = outcome === "no_answer" && !edgeBroken;
    if (!isCut && outcome !== "internal" && outcome !== "unexpected") continue;
    const what = `a ${kind} was answered ${status} ${outcome}${detail ? `: ${detail}` : ""}`;
    yield { what, userId };
  }
}

/**
 * A refusal with the reservation's own id is a decision. A refusal without an id was never written.
 */
function isRejection(outcome: Entry["outcome"]): boolean {
  return RejectReason.safeParse(outcome).success;
}
