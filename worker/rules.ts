import type { CancelCommand, ReserveCommand, SeatCommand } from "../contract/command.ts";
import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { noCase } from "../contract/no-case.ts";
import { type DecisionStatus, holdsSeat, type RejectReason } from "../contract/reservation.ts";

/** A row of the reservation table: the decision on a rid. */
export interface Decision {
  rid: Rid;
  lectureId: LectureId;
  userId: UserId;
  status: DecisionStatus;
  reason?: RejectReason;
  claimedAtMs: number;
  decidedAtMs: number;
}

/** The seats of a lecture, from its locked stock row. */
export interface Stock {
  remaining: number;
  /** seats above the organiser's target: a seat that is given back lowers the capacity instead */
  sinking: number;
  cancelled: boolean;
}

/** Thrown where the tables contradict themselves or a rule. Deciding the same again fails again. */
export class Contradiction extends Error {
  override name = "Contradiction";
}

/**
 * The facts for deciding a batch: the stock of each lecture, the decisions on its rids, and each
 * user's confirmed decision by `activeKey`. The rules update the ledger as they go, so later
 * commands see the effects of earlier ones.
 */
export interface Ledger {
  stock: Map<LectureId, Stock>;
  decisions: Map<Rid, Decision>;
  active: Map<string, Decision>;
}

/** The changes of a batch, written in one transaction. */
export interface Changes {
  /** rids decided for the first time */
  decided: Set<Decision>;
  /** decisions of earlier batches that an explicit cancel changed */
  cancelled: Set<Decision>;
  /** seats taken of each lecture; below zero where more seats came back than were taken */
  seatsTaken: Map<LectureId, number>;
  /** seats given back of a lecture whose capacity sinks: nobody gets them */
  seatsSunk: Map<LectureId, number>;
}

export function activeKey(lectureId: LectureId, userId: UserId): string {
  return `${lectureId}/${userId}`;
}

/**
 * Decides commands in their order. Pure, except that it updates `ledger`.
 *
 * A decided rid stays decided, however often its command comes. A seat is confirmed while one is
 * left, the lecture is not cancelled, the user has no other seat and the origin did not refuse it.
 * The claim already checked the window. A cancel gives back a confirmed seat once: to others, or to
 * a capacity that sinks. A cancel that overtakes its reserve command decides the rid as cancelled,
 * and the late command finds that decision.
 *
 * @throws Contradiction where a seat moves in a lecture without stock
 */
export function decideCommands(ledger: Ledger, commands: SeatCommand[], nowMs: number): Changes {
  const changes: Changes = {
    decided: new Set(),
    cancelled: new Set(),
    seatsTaken: new Map(),
    seatsSunk: new Map(),
  };
  for (const command of commands) {
    switch (command.kind) {
      case "reserve":
        reserve(ledger, changes, command, nowMs);
        break;
      case "cancel":
        cancel(ledger, changes, command, nowMs);
        break;
      default:
        noCase(command);
    }
  }
  return changes;
}

function reserve(ledger: Ledger, changes: Changes, command: ReserveCommand, nowMs: number): void {
  if (ledger.decisions.has(command.rid)) return;
  const { rid, lectureId, userId, claimedAtMs } = command;
  const seat = activeKey(lectureId, userId);
  const reason = rejectReason(ledger, command, seat);
  const decision: Decision = {
    rid,
    lectureId,
    userId,
    status: reason ? "rejected" : "confirmed",
    claimedAtMs,
    decidedAtMs: nowMs,
  };
  if (reason) decision.reason = reason;
  record(ledger, changes, decision);
  if (reason) return;
  ledger.active.set(seat, decision);
  take(ledger, changes, lectureId, 1);
}

/** @param seat the `activeKey` of the command's user */
function rejectReason(
  ledger: Ledger,
  { lectureId, refused }: ReserveCommand,
  seat: string,
): RejectReason | undefined {
  const stock = ledger.stock.get(lectureId);
  if (!stock) return "lecture_not_found";
  if (stock.cancelled) return "lecture_cancelled";
  if (ledger.active.has(seat)) return "already_reserved";
  if (refused) return refused;
  if (stock.remaining === 0) return "sold_out";
  return undefined;
}

function cancel(ledger: Ledger, changes: Changes, command: CancelCommand, nowMs: number): void {
  const decision = ledger.decisions.get(command.rid);
  const { rid, lectureId, userId, requestedAtMs } = command;
  if (!decision) {
    record(ledger, changes, {
      rid,
      lectureId,
      userId,
      status: "cancelled",
      claimedAtMs: requestedAtMs,
      decidedAtMs: nowMs,
    });
    return;
  }
  if (!holdsSeat(decision.status) || decision.userId !== userId) return;
  decision.status = "cancelled";
  decision.decidedAtMs = nowMs;
  ledger.active.delete(activeKey(lectureId, userId));
  giveBack(ledger, changes, lectureId);
  if (!changes.decided.has(decision)) changes.cancelled.add(decision);
}

function record(ledger: Ledger, changes: Changes, decision: Decision): void {
  ledger.decisions.set(decision.rid, decision);
  changes.decided.add(decision);
}

function take(ledger: Ledger, changes: Changes, lectureId: LectureId, seats: number): void {
  const stock = ledger.stock.get(lectureId);
  if (!stock) throw new Contradiction(`a seat moved in lecture ${lectureId} without stock`);
  stock.remaining -= seats;
  changes.seatsTaken.set(lectureId, (changes.seatsTaken.get(lectureId) ?? 0) + seats);
}

function giveBack(ledger: Ledger, changes: Changes, lectureId: LectureId): void {
  const stock = ledger.stock.get(lectureId);
  if (!stock || stock.sinking <= 0) {
    take(ledger, changes, lectureId, -1);
    return;
  }
  stock.sinking -= 1;
  changes.seatsSunk.set(lectureId, (changes.seatsSunk.get(lectureId) ?? 0) + 1);
}

/**
 * The decisions to settle in Redis: on each rid of the batch, and on the seat of each user with a
 * rejected or cancelled rid. Redis may lack that seat, or the released claim may have kept its
 * confirmation out. A user's confirmed decision comes last, as `settle` requires.
 */
export function decisionsToSettle(ledger: Ledger, commands: SeatCommand[]): Decision[] {
  const settled = new Set<Decision>();
  for (const { rid } of commands) {
    const decision = ledger.decisions.get(rid);
    if (!decision) throw new Contradiction(`rid ${rid} left its batch without a decision`);
    settled.add(decision);
    if (holdsSeat(decision.status)) continue;
    const active = ledger.active.get(activeKey(decision.lectureId, decision.userId));
    if (!active) continue;
    settled.delete(active);
    settled.add(active);
  }
  return [...settled];
}
