import type { LectureId } from "../../contract/ids.ts";
import type { Breach } from "./breach.ts";
import type { BrokerFacts, LectureFacts, QueueFact } from "./facts.ts";
import type { GuaranteeName } from "./guarantees.ts";
import type { Rest } from "./rest.ts";

/** What an audit found. `clean` is that nothing was broken and every lecture asked for was found. */
export interface AuditReport {
  /** Redis' time when it began */
  auditedAt: string;
  rest: Rest;
  lectures: LectureReport[];
  /** lectures that were asked for and that no server knows */
  unknown: LectureId[];
  broker: BrokerReport;
  /** how many breaches there are in all, those that are not listed included */
  breaches: number;
  clean: boolean;
}

export interface LectureReport {
  lectureId: LectureId;
  title?: string;
  figures: Figures;
  verdicts: Verdict[];
}

/** The servers side by side; null where a server holds no such figure. */
export interface Figures {
  mysql: {
    capacity: number | null;
    remaining: number | null;
    confirmed: number;
    rejected: number;
    cancelled: number;
  };
  redis: {
    capacity: number | null;
    remaining: number | null;
    confirmed: number;
    held: number;
    released: number;
  };
  zooKeeper: { pending: number };
}

export interface BrokerReport {
  queues: QueueFact[];
  deadLetters: { read: number; undecided: number; unreadable: number; unread: number };
  verdict: Verdict;
}

/** Whether one guarantee holds: it does when `count` is 0. */
export interface Verdict {
  guarantee: GuaranteeName;
  promise: string;
  /** breaches in all */
  count: number;
  /** the first of them */
  breaches: Breach[];
}

/** Counts all the breaches and keeps the first `keep` of them. */
export function judge(
  guarantee: GuaranteeName,
  promise: string,
  breaches: Iterable<Breach>,
  keep: number,
): Verdict {
  const verdict: Verdict = { guarantee, promise, count: 0, breaches: [] };
  for (const breach of breaches) {
    verdict.count++;
    if (verdict.breaches.length < keep) verdict.breaches.push(breach);
  }
  return verdict;
}

export function figuresOf({ database, admission, pending }: LectureFacts): Figures {
  const rows = (status: string) => database.rows.filter((row) => row.status === status).length;
  const claims = [...admission.claims.values()];
  const alive = (state: string) =>
    claims.filter((claim) => "rid" in claim && claim.state === state).length;
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
