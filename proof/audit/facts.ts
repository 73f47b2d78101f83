import type { Claim } from "../../admission/find-claim.ts";
import type { LectureId, Rid, UserId } from "../../contract/ids.ts";
import type { DecisionStatus } from "../../contract/reservation.ts";
import type { PendingNode } from "../../pending/read.ts";

/** A row of the reservation table, as it was found: nothing in it is taken for granted. */
export interface ReservationRow {
  rid: Rid;
  userId: UserId;
  status: DecisionStatus;
  reason: string | null;
  claimedAtMs: number;
  decidedAtMs: number;
}

/** What MySQL holds of a lecture, all of one moment. */
export interface DatabaseFacts {
  catalogue?: {
    title: string;
    opensAtMs: number;
    closesAtMs: number;
    capacity: number;
    published: boolean;
  };
  stock?: { capacity: number; remaining: number };
  rows: ReservationRow[];
}

/** A claim as Redis holds it; one that is not of the form the scripts write is told by its text. */
export type ClaimFact = Claim | { unreadable: string };

/** What Redis holds of a lecture. */
export interface AdmissionFacts {
  loaded?: { ready: boolean; opensAtMs: number; closesAtMs: number; capacity: number };
  claims: Map<UserId, ClaimFact>;
  /** the sweeper's list: user → claimedAtMs */
  held: Map<UserId, number>;
  /** rids whose claim was given back → `rejected` or `cancelled` */
  released: Map<Rid, string>;
  /** keys that are not of the type they must be, and so could not be read */
  wrongKeys: string[];
}

/**
 * Everything the four servers hold of one lecture. They are read in this order: released rids, claims, pending nodes, rows. So whatever
 * Redis or ZooKeeper tells of a decision must be in the rows, even while people are booking.
 */
export interface LectureFacts {
  lectureId: LectureId;
  /** Redis' time when the reading began, in Unix milliseconds */
  readAtMs: number;
  /** whether Redis ought to be ready for the lecture, as worker/catalogue.ts has it */
  admitting: boolean;
  database: DatabaseFacts;
  admission: AdmissionFacts;
  pending: PendingNode[];
}

/** What the broker holds, of all lectures together. */
export interface BrokerFacts {
  queues: QueueFact[];
  dead: DeadLetter[];
  /** dead letters that were not looked at, because there are too many */
  deadUnread: number;
}

export interface QueueFact {
  name: string;
  /** messages waiting to be delivered; those a worker has in hand do not count */
  ready: number;
}

/** A dead letter and whether its rid was decided; `unreadable` is one that is no command at all. */
export type DeadLetter =
  | { rid: Rid; lectureId: LectureId; userId: UserId; decided: boolean }
  | { unreadable: string };
