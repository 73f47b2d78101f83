import type { Claim } from "../../admission/find-claim.ts";
import type { LectureId } from "../../contract/ids.ts";
import type { DecisionStatus } from "../../contract/reservation.ts";
import type { Judged } from "./breach.ts";
import { type BrokerFacts, type LectureFacts, type QueueFact, readableOf } from "./facts.ts";
import type { GuaranteeName } from "./guarantees.ts";
import type { Rest } from "./rest.ts";

/** The report of an audit. `clean` means no breach, and every requested lecture found. */
export interface AuditReport {
  /** Redis' time at the start */
  auditedAt: string;
  rest: Rest;
  lectures: LectureReport[];
  /** requested lectures that no server knows */
  unknown: LectureId[];
  broker: BrokerReport;
  /** the total of breaches, unlisted ones included */
  breaches: number;
  clean: boolean;
}

export interface LectureReport {
  lectureId: LectureId;
  title?: string;
  figures: Figures;
  verdicts: Verdict[];
}

/** The servers' figures side by side; null if a server has no such figure. */
export interface Figures {
  mysql: { capacity: number | null; remaining: number | null } & Record<DecisionStatus, number>;
  redis: { capacity: number | null; remaining: number | null; released: number } & Record<
    Claim["state"],
    number
  >;
  zooKeeper: { pending: number };
}

export interface BrokerReport {
  queues: QueueFact[];
  deadLetters: { read: number; undecided: number; unreadable: number; unread: number };
  verdict: Verdict;
}

/** The verdict on one guarantee: it holds if `count` is 0. */
export interface Verdict extends Judged {
  guarantee: GuaranteeName;
  promise: string;
}

export function figuresOf({ database, admission, pending }: LectureFacts): Figures {
  const rows = (status: DecisionStatus) =>
    database.rows.filter((row) => row.status === status).length;
  const claims = [...admission.claims.values()];
  const alive = (state: Claim["state"]) =>
    claims.filter((claim) => readableOf(claim)?.state === state).length;
  const capacity = admission.loaded?.capacity ?? null;
  return {
    mysql: {
      capacity: database.stock?.capacity ?? null,
      remaining: database.stock?.remaining ?? null,
      confirmed: rows("confirmed"),
      rejected: rows("rejected"),
      cancelled: rows("cancelled"),
    },
    redis: {
      capacity,
      remaining: capacity === null ? null : capacity - claims.length,
      confirmed: alive("confirmed"),
      held: alive("held"),
      released: admission.released.size,
    },
    zooKeeper: { pending: pending.length },
  };
}

export function deadLettersOf({ dead, deadUnread }: BrokerFacts): BrokerReport["deadLetters"] {
  return {
    read: dead.length,
    undecided: dead.filter((letter) => "rid" in letter && !letter.decided).length,
    unreadable: dead.filter((letter) => "unreadable" in letter).length,
    unread: deadUnread,
  };
}
