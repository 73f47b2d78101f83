import type { ClaimSource, LoadedClaim } from "../admission/load.ts";
import type { LectureId } from "../contract/ids.ts";
import { listPendingOf, type PendingNode } from "../pending/read.ts";
import { decidedClaims } from "./catalogue.ts";
import type { LoaderDeps } from "./deps.ts";

const DECISIONS_PER_PAGE = 5_000;

/** The pending nodes of lectures, listed when they are first asked for. */
export type PendingNodes = () => Promise<Map<LectureId, PendingNode[]>>;

/** Lists the pending nodes of these lectures once, however many of them ask. */
export function nodesOf(
  { zooKeeper }: LoaderDeps,
  lectureIds: ReadonlySet<LectureId>,
): PendingNodes {
  let listing: ReturnType<PendingNodes> | undefined;
  return () => {
    listing ??= listPendingOf(zooKeeper, lectureIds);
    return listing;
  };
}

/**
 * A lecture's claims as decisions and pending nodes tell them. A command that is decided after its page was read either has its node
 * still, or was settled before its node went: then the claim is in Redis, where it stays. So a command is seen at
 * least once, whichever is read first. And a decision, coming first into Redis, wins over the node.
 */
export function claimsOf(deps: LoaderDeps, lectureId: LectureId, nodes: PendingNodes): ClaimSource {
  const pageSize = deps.loadSizes?.decisions ?? DECISIONS_PER_PAGE;
  return {
    async decisionsAfter(rid) {
      const claims = await decidedClaims(deps.database, lectureId, rid, pageSize);
      return { claims, isLast: claims.length < pageSize };
    },
    held: async () => ((await nodes()).get(lectureId) ?? []).flatMap(heldOf),
  };
}

function heldOf(node: PendingNode): LoadedClaim[] {
  return "command" in node && node.command.kind === "reserve"
    ? [{ ...node.command, state: "held" }]
    : [];
}
