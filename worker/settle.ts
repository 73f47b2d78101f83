import { closeLecture } from "../admission/close.ts";
import { isRefusedByRedis } from "../admission/refused.ts";
import { type Settlement, settle } from "../admission/settle.ts";
import type { Command, ReserveCommand } from "../contract/command.ts";
import type { LectureId, Rid } from "../contract/ids.ts";
import { inParallel } from "../pending/in-parallel.ts";
import { removePendingNodes } from "../pending/remove.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import type { WorkerDeps } from "./deps.ts";
import { retrying } from "./retry.ts";
import type { Decision } from "./rules.ts";

/** Decisions in one script run, a worker's usual batch: it keeps Redis busy for some 3 ms. */
const SETTLEMENTS_PER_RUN = 1_000;

/** Lectures settled at once: one by one, each would add a round trip to its batch. */
const LECTURES_AT_A_TIME = 16;

/** How long a pending node that cannot be removed delays its batch, in milliseconds. */
const REMOVE_PATIENCE_MS = 10_000;

/** Decides and settles commands that no message brought: see settleDecisions. */
export type HandleRivals = (rivals: ReserveCommand[]) => Promise<unknown>;

/**
 * Settles committed decisions: first the claims in Redis, then the pending nodes of the commands. A
 * decision is visible before its node disappears.
 *
 * After Redis lost a claim, its user may hold a second one, a rival, whose command may be lost too.
 * `handleRivals` gets the rival before any acknowledgement. The rival stays held until its own
 * decision is settled, so it is found again after a crash. Its decision brings along the user's
 * confirmed one, which the rival kept out: see decisionsToSettle.
 */
export async function settleDecisions(
  deps: WorkerDeps,
  commands: Command[],
  decisions: Decision[],
  handleRivals: HandleRivals,
): Promise<void> {
  const lectures = Map.groupBy(decisions, (decision) => decision.lectureId);
  const rivals: ReserveCommand[] = [];
  await inParallel([...lectures], LECTURES_AT_A_TIME, async ([lectureId, ofLecture]) => {
    for (let at = 0; at < ofLecture.length; at += SETTLEMENTS_PER_RUN) {
      const found = await settleClaims(
        deps,
        lectureId,
        ofLecture.slice(at, at + SETTLEMENTS_PER_RUN),
      );
      rivals.push(...found);
    }
  });
  if (rivals.length > 0) await meetRivals(deps, rivals, handleRivals);
  crashPoint("worker.claims_settled");
  await removeNodes(deps, commands);
}

async function meetRivals(
  deps: WorkerDeps,
  rivals: ReserveCommand[],
  handleRivals: HandleRivals,
): Promise<void> {
  deps.log.warn(
    { event: "rival_claims", rids: rivals.map(({ rid }) => rid) },
    "users hold a second claim; the worker decides it at once",
  );
  crashPoint("worker.rivals_found");
  await handleRivals(rivals);
}

/** @returns the held claims that keep a confirmation out */
async function settleClaims(
  deps: WorkerDeps,
  lectureId: LectureId,
  decisions: Settlement[],
): Promise<ReserveCommand[]> {
  const settled = await untilTaken(deps, lectureId, {
    ask: () => settle(deps.redis, lectureId, decisions),
    rids: decisions.map(({ rid }) => rid),
    whenRefused: undefined,
  });
  return settled?.rivals ?? [];
}

interface Asking<Answer> {
  ask: () => Promise<Answer>;
  /** the commands that wait for it */
  rids: Rid[];
  /** the answer where Redis refuses */
  whenRefused: Answer;
}

/**
 * Waits for Redis without limit. Only a refusal, which would repeat, lets the commands go on
 * unsettled. Then the lecture is closed, and the loader settles the decisions once Redis takes
 * them.
 */
export async function untilTaken<Answer>(
  deps: WorkerDeps,
  lectureId: LectureId,
  { ask, rids, whenRefused }: Asking<Answer>,
): Promise<Answer> {
  try {
    return await untilAnswered(deps, lectureId, ask, (error) => !isRefusedByRedis(error));
  } catch (error) {
    if (!isRefusedByRedis(error)) throw error;
    deps.log.error(
      { event: "settle_refused", lectureId, rids },
      "Redis refused the settlement; the loader loads the lecture again",
    );
    await untilAnswered(
      deps,
      lectureId,
      () => closeLecture(deps.redis, lectureId),
      () => true,
    );
    return whenRefused;
  }
}

function untilAnswered<Answer>(
  deps: WorkerDeps,
  lectureId: LectureId,
  ask: () => Promise<Answer>,
  mayRetry: (error: unknown) => boolean,
): Promise<Answer> {
  return retrying(ask, {
    firstWaitMs: 50,
    maxWaitMs: 2_000,
    mayRetry,
    onRetry: (_error, attempt) =>
      deps.log.warn(
        { event: "settle_retried", lectureId, attempt },
        "Redis does not answer; the worker settles again",
      ),
    signal: deps.stopping,
    clock: deps.clock,
  });
}

/** A pending node that cannot be removed is left to the sweep, after a while. */
export async function removeNodes(deps: WorkerDeps, commands: Command[]): Promise<void> {
  try {
    await retrying(() => removePendingNodes(deps.zooKeeper, commands), {
      firstWaitMs: 50,
      maxWaitMs: 1_000,
      giveUpAfterMs: REMOVE_PATIENCE_MS,
      mayRetry: () => true,
      onRetry: (err, attempt) =>
        deps.log.warn(
          { event: "remove_retried", attempt, err },
          "ZooKeeper does not answer; the worker removes the nodes again",
        ),
      signal: deps.stopping,
      clock: deps.clock,
    });
  } catch (err) {
    if (deps.stopping.aborted) throw err;
    deps.log.error(
      { event: "nodes_left", rids: commands.map(({ rid }) => rid), err },
      "ZooKeeper does not answer; the sweep removes the nodes later",
    );
  }
  crashPoint("worker.nodes_removed");
}
