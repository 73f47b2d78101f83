import { closeLecture } from "../admission/close.ts";
import { isRefusedByRedis } from "../admission/refused.ts";
import { settle } from "../admission/settle.ts";
import type { Command } from "../contract/command.ts";
import type { LectureId } from "../contract/ids.ts";
import { crashPoint } from "../crash-points/crash-point.ts";
import { inParallel } from "../pending/in-parallel.ts";
import { removePendingNodes } from "../pending/remove.ts";
import type { WorkerDeps } from "./deps.ts";
import { retrying } from "./retry.ts";
import type { Decision } from "./rules.ts";

/** Decisions sent to Redis in one script run, a worker's usual batch: it keeps Redis from everybody else for some three milliseconds. */
const SETTLEMENTS_PER_RUN = 1_000;

/** A batch of many lectures would otherwise wait for as many round trips. */
const LECTURES_AT_A_TIME = 16;

/** How long a pending node that cannot be removed holds its batch up, in milliseconds. */
const REMOVE_PATIENCE_MS = 10_000;

/**
 * Carries committed decisions over: first the claims in Redis, then the pending nodes of the commands that asked for them. In this order
 * a node never disappears before what it announces can be seen.
 */
export async function settleDecisions(
  deps: WorkerDeps,
  commands: Command[],
  decisions: Decision[],
): Promise<void> {
  const lectures = Map.groupBy(decisions, (decision) => decision.lectureId);
  await inParallel([...lectures], LECTURES_AT_A_TIME, async ([lectureId, ofLecture]) => {
    for (let at = 0; at < ofLecture.length; at += SETTLEMENTS_PER_RUN) {
      await settleClaims(deps, lectureId, ofLecture.slice(at, at + SETTLEMENTS_PER_RUN));
    }
  });
  crashPoint("worker.claims_settled");
  await removeNodes(deps, commands);
  crashPoint("worker.nodes_removed");
}

/**
 * Waits for Redis as long as it takes. Only a refusal, which would come again, lets the batch go on without. Then the lecture is closed, and
 * the loader carries the decisions over once Redis takes them.
 */
async function settleClaims(deps: WorkerDeps, lectureId: LectureId, decisions: Decision[]): Promise<void> {
  try {
    await untilAnswered(
      deps,
      lectureId,
      () => settle(deps.redis, lectureId, decisions),
      (error) => !isRefusedByRedis(error),
    );
  } catch (error) {
    if (!isRefusedByRedis(error)) throw error;
    deps.log.error(
      { event: "settle_refused", lectureId, rids: decisions.map(({ rid }) => rid) },
      "Redis refused to settle decisions, their lecture is loaded anew",
    );
    await untilAnswered(
      deps,
      lectureId,
      () => closeLecture(deps.redis, lectureId),
      () => true,
    );
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
      deps.log.warn({ event: "settle_retried", lectureId, attempt }, "Redis does not answer, settling again"),
    signal: deps.stopping,
    clock: deps.clock,
  });
}

async function removeNodes(deps: WorkerDeps, commands: Command[]): Promise<void> {
  try {
    await retrying(() => removePendingNodes(deps.zooKeeper, commands), {
      firstWaitMs: 50,
      maxWaitMs: 1_000,
      giveUpAfterMs: REMOVE_PATIENCE_MS,
      mayRetry: () => true,
      onRetry: (err, attempt) =>
        deps.log.warn(
          { event: "remove_retried", attempt, err },
          "ZooKeeper does not answer, removing nodes again",
        ),
      signal: deps.stopping,
      clock: deps.clock,
    });
  } catch (err) {
    if (deps.stopping.aborted) throw err;
    deps.log.error(
      { event: "nodes_left", rids: commands.map(({ rid }) => rid), err },
      "pending nodes are left behind",
    );
  }
}
