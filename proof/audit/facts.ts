import type { Claim } from "../../admission/find-claim.ts";
import type { ShownLecture } from "../../catalogue/cache/store.ts";
import type { AmendmentOutcome } from "../../contract/amendment.ts";
import type { LectureId, Rid, UserId } from "../../contract/ids.ts";
import type { BookingWindow, Terms } from "../../contract/terms.ts";
import type { PendingNode } from "../../pending/read.ts";
import type { Decision } from "../../worker/rules.ts";

/** A row of the reservation table as found: nothing in it is taken for granted. */
export interface ReservationRow extends Omit<Decision, "lectureId" | "reason"> {
  reason: string | null;
}

/** MySQL's facts about a lecture, all of one moment. */
export interface DatabaseFacts {
  /** the lecture as origins answer it */
  shown?: ShownLecture;
  /** the words, and the copy of the terms */
  catalogue?: BookingWindow & {
    title: string;
    capacity: number;
    published: boolean;
    version: number;
    terms: Terms;
  };
  /** `capacity` counts; `target` is wanted, and what Redis and the catalogue have */
  stock?: BookingWindow & {
    capacity: number;
    target: number;
    remaining: number;
    version: number;
    terms: Terms;
  };
  rows: ReservationRow[];
  amendments: AmendmentFact[];
}

/** A row of the amendment table. */
export interface AmendmentFact {
  rid: Rid;
  outcome: AmendmentOutcome;
  reason: string | null;
  version: number;
  before: Terms | null;
  after: Terms | null;
}

/** A claim in Redis; a claim not in the scripts' form is given as its text. */
export type ClaimFact = Claim | { unreadable: string };

export function readableOf(claim: ClaimFact | undefined): Claim | undefined {
  return claim && "rid" in claim ? claim : undefined;
}

/** Redis' facts about a lecture. */
export interface AdmissionFacts {
  loaded?: {
    ready: boolean;
    opensAtMs: number;
    closesAtMs: number;
    capacity: number;
    version: number;
    /** as the scripts write them */
    cancelled: string;
    audience: string;
    fence: string | null;
  };
  claims: Map<UserId, ClaimFact>;
  /** the sweeper's list: user → claimedAtMs */
  held: Map<UserId, number>;
  /** rids of released claims → `rejected` or `cancelled` */
  released: Map<Rid, string>;
  /** keys of a wrong type, which cannot be read */
  wrongKeys: string[];
}

/**
 * The four servers' facts about one lecture, read in this order: released rids, claims, pending
 * nodes, rows. Therefore every decision that Redis or ZooKeeper shows must be in the rows, even
 * during booking.
 */
export interface LectureFacts {
  lectureId: LectureId;
  /** Redis' time at the start of the reading, in Unix milliseconds */
  readAtMs: number;
  /** whether Redis must be ready for the lecture, by worker/booking-terms.ts */
  admitting: boolean;
  database: DatabaseFacts;
  admission: AdmissionFacts;
  pending: PendingNode[];
  /** the cached lecture, where it stayed the same while the catalogue was read */
  cached?: string;
}

/** The broker's facts, of all lectures together. */
export interface BrokerFacts {
  queues: QueueFact[];
  dead: DeadLetter[];
  /** dead letters not read because there are too many */
  deadUnread: number;
}

export interface QueueFact {
  name: string;
  /** messages ready for delivery; unacknowledged ones do not count */
  ready: number;
}

/** A dead letter and whether its rid is decided. An `unreadable` letter is no command. */
export type DeadLetter =
  | { rid: Rid; lectureId: LectureId; userId: UserId; decided: boolean }
  | { unreadable: string };
