import type { Rid, UserId } from "../contract/ids.ts";
import type { Reservation } from "../contract/reservation.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import type { Deadline } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { findReservation, pendingReservation } from "./reservations.ts";

/**
 * Waits up to `waitMs` milliseconds for a pending reservation's decision, on top of the deadline;
 * gives the reservation as it stands then. Waiting takes no place at the gate; reading the decision
 * does. Rejects if the decision cannot be read.
 */
export async function waitForDecision(
  deps: OriginDeps,
  { rid, userId }: { rid: Rid; userId: UserId },
  { waitMs, deadline }: { waitMs: number; deadline: Deadline },
): Promise<Reservation> {
  const outcome = await deadline.pausedFor(deps.watches.untilGone(rid, { timeoutMs: waitMs }));
  if (outcome !== "gone") return pendingReservation(rid);
  const read = () => findReservation(deps, { rid, userId }, deadline);
  const decided = await deps.gates.reads.run(read, deadline);
  crashPoint("origin.decision_seen");
  return decided ?? pendingReservation(rid);
}
