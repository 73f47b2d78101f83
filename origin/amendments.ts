import type { Amendment } from "../contract/amendment.ts";
import { lectureOf, type Rid } from "../contract/ids.ts";
import { BreakerOpen } from "../runtime/breaker/breaker.ts";
import { findAmendment } from "./amendment-rows.ts";
import { type Deadline, within } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";

export function pendingAmendment(rid: Rid): Amendment {
  return { id: rid, lectureId: lectureOf(rid), status: "pending" };
}

/**
 * An amendment: pending while its command has its node, else as decided. The node goes only after
 * the decision can be read. Undefined if there is neither.
 */
export async function readAmendment(
  deps: OriginDeps,
  rid: Rid,
  deadline: Deadline,
): Promise<Amendment | undefined> {
  if (await isPendingIfKnown(deps, rid, deadline)) return pendingAmendment(rid);
  return await findAmendment(deps.database, rid, deadline);
}

/**
 * Waits up to `waitMs` for the decision, on top of the deadline; gives the amendment then.
 * Once its node was gone, the decision stands and no node is looked at again: the same request,
 * sent twice at once, may make the node again.
 */
export async function waitForAmendment(
  deps: OriginDeps,
  rid: Rid,
  { waitMs, deadline }: { waitMs: number; deadline: Deadline },
): Promise<Amendment | undefined> {
  const watching = deps.watches.untilGone(rid, { timeoutMs: waitMs, isAmendment: true });
  if ((await deadline.pausedFor(watching)) !== "gone") return pendingAmendment(rid);
  return await deps.gates.reads.run(() => findAmendment(deps.database, rid, deadline), deadline);
}

/** Without ZooKeeper an undecided amendment looks unknown. */
async function isPendingIfKnown(deps: OriginDeps, rid: Rid, deadline: Deadline): Promise<boolean> {
  try {
    return (await within(deadline, deps.findPendingAmendment(rid))) !== undefined;
  } catch (err) {
    if (!(err instanceof BreakerOpen))
      deps.log.warn(
        { event: "node_not_read", rid, err },
        "a status is answered without its pending node",
      );
    return false;
  }
}
