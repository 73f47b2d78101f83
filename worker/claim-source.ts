import type { ClaimSource, LoadedClaim } from "../admission/load.ts";
import type { LectureId } from "../contract/ids.ts";
import { noCase } from "../contract/no-case.ts";
import { listPendingOf, type PendingNode } from "../pending/read.ts";
import { decidedClaims } from "./booking-terms.ts";
import type { LoaderDeps } from "./deps.ts";
import { findAdmissionTerms } from "./lecture-stock.ts";

const DECISIONS_PER_PAGE = 5_000;

/** Lists the pending nodes by lecture; the first call reads them from ZooKeeper. */
export type PendingNodes = () => Promise<Map<LectureId, PendingNode[]>>;

/**
 * Lists the pending nodes of these lectures once, for all callers together. `onListed` is called
 * once, when the listing ends.
 */
export function nodesOf(
  { zooKeeper }: LoaderDeps,
  lectureIds: ReadonlySet<LectureId>,
  onListed: () => void,
): PendingNodes {
  async function list() {
    const nodes = await listPendingOf(zooKeeper, lectureIds);
    onListed();
    return nodes;
  }
  let listing: ReturnType<PendingNodes> | undefined;
  return () => {
    listing ??= list();
    return listing;
  };
}

/**
 * A lecture's claims, from its decisions and its pending nodes.
 *
 * A command may be decided after its page was read. Then its node still exists, or its claim was
 * settled before the node went. The load sees the claim at least once either way, whichever source
 * is read first. A decision enters Redis first and wins over the node.
 */
export function claimsOf(deps: LoaderDeps, lectureId: LectureId, nodes: PendingNodes): ClaimSource {
  const pageSize = deps.loadSizes?.decisions ?? DECISIONS_PER_PAGE;
  return {
    async decisionsAfter(rid) {
      const claims = await decidedClaims(deps.database, lectureId, rid, pageSize);
      return { claims, isLast: claims.length < pageSize };
    },
    terms: () => findAdmissionTerms(deps.database, lectureId),
    held: async () => ((await nodes()).get(lectureId) ?? []).flatMap(heldOf),
  };
}

function heldOf(node: PendingNode): LoadedClaim[] {
  if ("unreadable" in node) return [];
  const { command } = node;
  switch (command.kind) {
    case "reserve":
      return [{ ...command, state: "held" }];
    case "cancel":
    case "amend":
      return [];
    default:
      return noCase(command);
  }
}
