import { lectureOf, type Rid, type UserId } from "../contract/ids.ts";
import type { Reservation } from "../contract/reservation.ts";
import { BreakerOpen } from "../runtime/breaker/breaker.ts";
import { type Deadline, within } from "./deadline.ts";
import { findDecided } from "./decisions.ts";
import type { OriginDeps } from "./deps.ts";

/**
 * A user's reservation: pending while a command of it has its node, else as decided. The node is
 * read first and goes only after the decision can be read, so no reservation is missed in between.
 * Undefined if there is neither, or for another user's reservation.
 */
export async function findReservation(
  deps: OriginDeps,
  { rid, userId }: { rid: Rid; userId: UserId },
  deadline: Deadline,
): Promise<Reservation | undefined> {
  const pending = await findPendingIfPossible(deps, rid, deadline);
  if (pending) return pending.userId === userId ? pendingReservation(rid) : undefined;
  return await findDecided(deps.database, { rid, userId }, deadline);
}

export function pendingReservation(rid: Rid): Reservation {
  return { id: rid, lectureId: lectureOf(rid), status: "pending" };
}

/**
 * Without ZooKeeper an undecided reservation looks unknown here, and the edge asks for its claim.
 */
export async function findPendingIfPossible(deps: OriginDeps, rid: Rid, deadline: Deadline) {
  try {
    return await within(deadline, deps.findPendingNode(rid));
  } catch (err) {
    if (!(err instanceof BreakerOpen))
      deps.log.warn(
        { event: "node_not_read", rid, err },
        "the origin answers a status without its pending node",
      );
    return undefined;
  }
}
