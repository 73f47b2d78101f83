import type { Claims, ClaimsAnswer } from "../contract/on-behalf.ts";
import { inParallel } from "../pending/in-parallel.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import type { Deadline } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { enqueue } from "./enqueue.ts";
import { Refusal } from "./refusal.ts";
import type { RequestTrace } from "./request-trace.ts";

/** The commands of one call that are queued at once: a rush beside it has the other places. */
const COMMANDS_AT_A_TIME = 16;

/**
 * Queues the commands of claims made on behalf of students, each as `POST /commands` does. A
 * command that finds no place at the gate is left to the sweep, which finds its claim.
 */
export async function handOver(
  deps: OriginDeps,
  { lectureId, claims }: Claims,
  deadline: Deadline,
  trace: RequestTrace,
): Promise<ClaimsAnswer> {
  crashPoint("origin.claims_received");
  const queued = await inParallel(claims, COMMANDS_AT_A_TIME, async (claim) => {
    const command = { kind: "reserve" as const, lectureId, ...claim };
    try {
      const put = () => enqueue(deps, command, deadline, trace);
      return (await deps.gates.commands.run(put, deadline)) === "queued";
    } catch (error) {
      if (error instanceof Refusal) return false;
      throw error;
    }
  });
  crashPoint("origin.claims_queued");
  const confirmed = queued.filter(Boolean).length;
  const isClosed = confirmed < claims.length && deps.publisher.isClosed();
  return { queued: confirmed, ...(isClosed && { closed: true }) };
}
