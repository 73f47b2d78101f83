import { type CrashPoint, crashPoints } from "../../../runtime/crash-points/crash-point.ts";
import { amendCancel, amendCut } from "./amendments.ts";
import { bookOnBehalf } from "./on-behalf.ts";
import { organise } from "./organised.ts";
import {
  deadLetter,
  lectureLost,
  lostClaims,
  redisBehind,
  redisRestarted,
  rivalClaim,
  rush,
  type Stage,
  unreadableNode,
} from "./provocations.ts";
import type { ServiceName } from "./services.ts";

/** A crash point, its service, and the actions that bring the service there. */
export interface Crash {
  point: CrashPoint;
  service: ServiceName;
  provoke: (stage: Stage) => Promise<void>;
}

/** Points that an ordinary rush does not reach. */
const provocations: Partial<Record<CrashPoint, Crash["provoke"]>> = {
  "edge.many_claimed": bookOnBehalf,
  "edge.many_forwarded": bookOnBehalf,
  "origin.claims_received": bookOnBehalf,
  "origin.claims_queued": bookOnBehalf,
  "origin.draft_made": organise,
  "origin.words_kept": organise,
  "origin.projected": organise,
  "worker.rivals_found": rivalClaim,
  "worker.lecture_closed": redisBehind,
  "worker.dead_letter_taken": deadLetter,
  "worker.dead_letter_rejected": deadLetter,
  "loader.claims_dropped": redisRestarted,
  "loader.claims_loaded": lectureLost,
  "loader.all_loaded": redisRestarted,
  "loader.half_open": redisRestarted,
  "loader.admitting": redisRestarted,
  "amend.fenced": amendCut,
  "amend.written": amendCut,
  "amend.committed": amendCut,
  "amend.terms_settled": amendCancel,
  "amend.seats_released": amendCancel,
  "sweeper.due_found": lostClaims,
  "sweeper.node_created": lostClaims,
  "sweeper.published": lostClaims,
  "sweeper.node_dropped": unreadableNode,
};

const services: Record<string, ServiceName> = {
  edge: "edge",
  origin: "origin",
  queue: "origin",
  worker: "worker",
  amend: "worker",
  loader: "worker",
  sweeper: "worker",
};

/** Points in code that several services run. */
const ranElsewhere: Partial<Record<CrashPoint, ServiceName>> = { "queue.acknowledged": "worker" };

/** A crash at every point. */
export function everyCrash(): Crash[] {
  return (Object.keys(crashPoints) as CrashPoint[]).map((point) => {
    const service = ranElsewhere[point] ?? services[point.split(".")[0] ?? ""];
    if (!service) throw new Error(`no service comes to ${point}`);
    return { point, service, provoke: provocations[point] ?? rush };
  });
}
