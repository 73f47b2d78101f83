import { findOverdue, type Overdue } from "../admission/find-overdue.ts";
import type { Command } from "../contract/command.ts";
import { pendingPaths } from "../contract/names.ts";
import { noCase } from "../contract/no-case.ts";
import { readPending } from "../pending/read.ts";
import { findStale, type SeenNodes } from "../pending/stale.ts";
import type { PublishOutcome } from "../queue/publisher.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import type { SweeperDeps } from "./deps.ts";
import { errorName } from "./error-name.ts";
import { type ClaimedLecture, readClaimedLectures } from "./lecture-stock.ts";
import { createPatience } from "./patience.ts";
import { sweepTerms } from "./sweep-terms.ts";

/** How often the leader sweeps, in milliseconds. */
const SWEEP_EVERY_MS = 2_000;

/**
 * Undecided for this long, in ms, a claim or node has lost its command or waits in a long queue.
 */
const OVERDUE_MS = 8_000;

/**
 * Most commands queued again in one sweep: a long queue without losses must not grow by sweeping.
 */
const COMMANDS_PER_SWEEP = 1_000;

/** What a sweep remembers of earlier sweeps. */
export interface SweepMemory {
  seen: SeenNodes;
  patience: ReturnType<typeof createPatience>;
}

export function newMemory(): SweepMemory {
  return { seen: new Map(), patience: createPatience() };
}

/**
 * Repairs the effects of a crash or a lost message, while this worker leads and until it stops. The
 * sweep undoes and decides nothing: it queues overdue commands again under their own rids. The
 * worker that takes such a command finds it new or decided, and settles it. Two leaders at once do
 * no more harm than one.
 */
export async function keepSweeping(deps: SweeperDeps): Promise<void> {
  const memory = newMemory();
  while (!deps.stopping.aborted) {
    if (deps.leads()) {
      const outcome = await sweep(deps, memory).then(
        () => "done",
        (err) => {
          if (!deps.stopping.aborted)
            deps.log.warn({ event: "sweep_failed", err: errorName(err) }, "sweeping later");
          return "failed";
        },
      );
      if (deps.metrics) deps.metrics.sweeps.of(outcome).value += 1;
    }
    await deps.clock.sleep(SWEEP_EVERY_MS, deps.stopping);
  }
}

/**
 * One sweep: queues every overdue command again, except those queued recently. Returns the number
 * of commands queued.
 */
export async function sweep(deps: SweeperDeps, memory: SweepMemory): Promise<number> {
  const { seen, patience } = memory;
  const nowMs = deps.clock.monotonicMs();
  const lectures = await readClaimedLectures(deps.database);
  await sweepTerms(deps, lectures, patience);
  const overdue = await overdueClaims(deps, lectures);
  const claims = new Map(overdue.commands.map((command) => [pathOf(command), command]));
  const unreadable = overdue.unreadable.map(({ lectureId, userId }) => `${lectureId} ${userId}`);
  tellUnreadable(deps, patience.take(unreadable, COMMANDS_PER_SWEEP, nowMs));
  const stale = await findStale(deps.zooKeeper, seen, { staleMs: OVERDUE_MS, nowMs });
  const due = patience.take(new Set([...claims.keys(), ...stale]), COMMANDS_PER_SWEEP, nowMs);
  if (due.length === 0) return 0;
  crashPoint("sweeper.due_found");
  const fromClaims = due.flatMap((path) => claims.get(path) ?? []);
  const fromNodes = await commandsOf(
    deps,
    due.filter((path) => !claims.has(path)),
  );
  const queued = await Promise.all(
    [...fromClaims, ...fromNodes].map((command) => queueAgain(deps, command, patience)),
  );
  const count = queued.filter(Boolean).length;
  if (deps.metrics) {
    deps.metrics.swept.of("queued").value += count;
    deps.metrics.swept.of("not_queued").value += queued.length - count;
  }
  deps.log.warn(
    { event: "queued_again", due: due.length, queued: count },
    "overdue commands are queued again",
  );
  return count;
}

function pathOf({ rid, kind }: Command): string {
  return pendingPaths.node(rid, kind);
}

async function overdueClaims({ redis }: SweeperDeps, lectures: ClaimedLecture[]): Promise<Overdue> {
  const ids = lectures.map(({ lectureId }) => lectureId);
  return await findOverdue(redis, ids, OVERDUE_MS);
}

/** The scripts write no such claim. It keeps its seat and delays no other claim. */
function tellUnreadable({ log }: SweeperDeps, due: string[]): void {
  if (due.length === 0) return;
  const lectures = [...new Set(due.map((name) => name.slice(0, name.indexOf(" "))))];
  log.error(
    { event: "claim_unreadable", claims: due.length, lectures },
    "claims hold nothing that a command could be made of",
  );
}

/** A node without a command cannot be acted on. Its claim, if there is one, holds the command. */
async function commandsOf({ zooKeeper, log }: SweeperDeps, paths: string[]): Promise<Command[]> {
  const commands: Command[] = [];
  for (const node of await readPending(zooKeeper, paths)) {
    if ("command" in node) commands.push(node.command);
    else {
      log.error(
        { event: "node_unreadable", path: node.path, reason: node.unreadable },
        "a pending node is removed",
      );
      await zooKeeper.remove(node.path);
      crashPoint("sweeper.node_dropped");
    }
  }
  return commands;
}

/**
 * Queues one command again. Patience counts only a publish that may have worked: every sweep asks a
 * broker that is away.
 */
async function queueAgain(
  deps: SweeperDeps,
  command: Command,
  patience: SweepMemory["patience"],
): Promise<boolean> {
  const outcome = await putOnItsWay(deps, command);
  switch (outcome) {
    case "queued":
      if (patience.done(pathOf(command))) deps.onStrayed?.();
      return true;
    case "unknown":
      return false;
    case "unroutable":
    case "full":
    case "unavailable":
      patience.notBegun(pathOf(command));
      return false;
    default:
      return noCase(outcome);
  }
}

/**
 * Creates the node first, like the origin: the reservation is pending while its command travels.
 */
async function putOnItsWay(deps: SweeperDeps, command: Command): Promise<PublishOutcome> {
  if (!deps.leads()) return "unavailable";
  await deps.createPendingNode(command).catch(() => {});
  crashPoint("sweeper.node_created");
  const outcome = await deps.publisher.publish(command);
  crashPoint("sweeper.published");
  return outcome;
}
