import type { Rid, UserId } from "../contract/ids.ts";
import type { Reservation } from "../contract/reservation.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import type { Deadline } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { findReservation, pendingReservation } from "./reservations.ts";

/**
 * Waits up to `waitMs` milliseconds for a pending reservation's decision, on top of the deadline;
 * gives the reservation as it stands then. A node that comes again is waited for again: the same
 * request, sent twice at once, may make it after the decision. Waiting takes no place at the gate;
 * reading the decision does. Rejects if the decision cannot be read.
 */
export async function waitForDecision(
  deps: OriginDeps,
  { rid, userId }: { rid: Rid; userId: UserId },
  { waitMs, deadline }: { waitMs: number; deadline: Deadline },
): Promise<Reservation> {
  const endsAtMs = performance.now() + waitMs;
  const read = () => findReservation(deps, { rid, userId }, deadline);
  while (true) {
    const timeoutMs = Math.max(0, endsAtMs - performance.now());
    const outcome = await deadline.pausedFor(deps.watches.untilGone(rid, { timeoutMs }));
    if (outcome !== "gone") return pendingReservation(rid);
    const found = await deps.gates.reads.run(read, deadline);
    if (found?.status === "pending") continue;
    crashPoint("origin.decision_seen");
    return found ?? pendingReservation(rid);
  }
}
