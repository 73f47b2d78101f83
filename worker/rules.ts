import type { CancelCommand, Command, ReserveCommand } from "../contract/command.ts";
import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import type { DecisionStatus, RejectReason } from "../contract/reservation.ts";

/** A row of the reservation table: what was decided of a rid. */
export interface Decision {
  rid: Rid;
  lectureId: LectureId;
  userId: UserId;
  status: DecisionStatus;
  reason?: RejectReason;
  claimedAtMs: number;
  decidedAtMs: number;
}

/** The seats of a lecture, as its locked stock row tells. */
export interface Stock {
  remaining: number;
  cancelled: boolean;
}

/** Thrown where the tables contradict themselves, or a rule. Deciding the same again fails again. */
export class Contradiction extends Error {
  override name = "Contradiction";
}

/**
 * What must be known to decide a batch: the stock of every lecture in it, the decisions on its rids so far, and the confirmed
 * decision of each of its users by `activeKey`. The rules bring it up to date as they go, so later commands of a batch see
 * what the earlier ones did.
 */
export interface Ledger {
  stock: Map<LectureId, Stock>;
  decisions: Map<Rid, Decision>;
  active: Map<string, Decision>;
}

/** What a batch changed, to be written in one transaction. */
export interface Changes {
  /** rids decided for the first time */
  decided: Set<Decision>;
  /** decisions of earlier batches that an explicit cancel has changed */
  cancelled: Set<Decision>;
  /** seats taken of each lecture; below zero where more came back than were taken */
  seatsTaken: Map<LectureId, number>;
}

export function activeKey(lectureId: LectureId, userId: UserId): string {
  return `${lectureId}/${userId}`;
}

/**
 * Decides commands in their order. Pure but for bringing `ledger` up to date.
 *
 * A rid that is decided stays so, however often its command comes. A seat is confirmed while one is left, the lecture stands and
 * the user has no other; whether the window was open was settled by the claim. A cancel gives the seat of a confirmed rid back
 * once. A cancel that overtook its reserve command decides the rid as cancelled, so that the late one finds it decided.
 */
export function decideCommands(ledger: Ledger, commands: Command[], nowMs: number): Changes {
  const changes: Changes = { decided: new Set(), cancelled: new Set(), seatsTaken: new Map() };
  for (const command of commands) {
    if (command.kind === "reserve") reserve(ledger, changes, command, nowMs);
    else cancel(ledger, changes, command, nowMs);
  }
  return changes;
}

function reserve(ledger: Ledger, changes: Changes, command: ReserveCommand, nowMs: number): void {
  if (ledger.decisions.has(command.rid)) return;
  const { rid, lectureId, userId, claimedAtMs } = command;
  const seat = activeKey(lectureId, userId);
  const reason = rejectReason(ledger, lectureId, seat);
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

/** @param seat the `activeKey` of who asks */
function rejectReason(
  ledger: Ledger,
  lectureId: LectureId,
  seat: string,
): RejectReason | undefined {
  const stock = ledger.stock.get(lectureId);
  if (!stock) return "lecture_not_found";
  if (stock.cancelled) return "lecture_cancelled";
  if (ledger.active.has(seat)) return "already_reserved";
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
  if (decision.status !== "confirmed" || decision.userId !== userId) return;
  decision.status = "cancelled";
  decision.decidedAtMs = nowMs;
  ledger.active.delete(activeKey(lectureId, userId));
  take(ledger, changes, lectureId, -1);
  if (!changes.decided.has(decision)) changes.cancelled.add(decision);
}

function record(ledger: Ledger, changes: Changes, decision: Decision): void {
  ledger.decisions.set(decision.rid, decision);
  changes.decided.add(decision);
}

function take(ledger: Ledger, changes: Changes, lectureId: LectureId, seats: number): void {
  const stock = ledger.stock.get(lectureId);
  if (!stock) throw new Contradiction(`a seat of lecture ${lectureId} moved, which has no stock`);
  stock.remaining -= seats;
  changes.seatsTaken.set(lectureId, (changes.seatsTaken.get(lectureId) ?? 0) + seats);
}

/**
 * The decisions that a batch must carry over to Redis: on each of its rids, and on the seat that the user of a rejected or cancelled
 * rid holds. Redis may not know of that seat, or the claim that is released may have kept its confirmation out. Of one user, the
 * confirmed decision comes last, as `settle` wants it.
 */
export function decisionsToSettle(ledger: Ledger, commands: Command[]): Decision[] {
  const settled = new Set<Decision>();
  for (const { rid } of commands) {
    const decision = ledger.decisions.get(rid);
    if (!decision) throw new Contradiction(`rid ${rid} left its batch without a decision`);
    settled.add(decision);
    if (decision.status === "confirmed") continue;
    const active = ledger.active.get(activeKey(decision.lectureId, decision.userId));
    if (!active) continue;
    settled.delete(active);
    settled.add(active);
  }
  return [...settled];
}
