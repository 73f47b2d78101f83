import { findOverdue, type Overdue } from "../admission/find-overdue.ts";
import type { Command } from "../contract/command.ts";
import { pendingPaths } from "../contract/names.ts";
import { readPending } from "../pending/read.ts";
import { findStale, type SeenNodes } from "../pending/stale.ts";
import type { PublishOutcome } from "../queue/publisher.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { findClaimed } from "./catalogue.ts";
import type { SweeperDeps } from "./deps.ts";
import { errorName } from "./error-name.ts";
import { createPatience } from "./patience.ts";

/** How often the leader looks for what was left behind, in milliseconds. */
const SWEEP_EVERY_MS = 2_000;

/** A claim or a pending node that is undecided for this long has lost its command, or waits in a long queue. */
const OVERDUE_MS = 8_000;

/** Commands queued again in one sweep at most: a long queue, where nothing is lost, must not grow by its own sweeping. */
const COMMANDS_PER_SWEEP = 1_000;

/** What a sweep remembers of the ones before it. */
export interface SweepMemory {
  seen: SeenNodes;
  patience: ReturnType<typeof createPatience>;
}

export function newMemory(): SweepMemory {
  return { seen: new Map(), patience: createPatience() };
}

/**
 * Repairs what a crash or a lost message has left behind, as long as this worker leads and until it stops. Nothing is undone and nothing
 * decided here: what is undecided for too long is put on its way again under its own rid, and the worker that takes it
 * finds it new or decided, and settles it either way. So two leaders at once could do no more harm than one.
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

/** One sweep: everything overdue that was not queued again lately. Returns how many commands it queued again. */
export async function sweep(deps: SweeperDeps, { seen, patience }: SweepMemory): Promise<number> {
  const nowMs = deps.clock.monotonicMs();
  const overdue = await overdueClaims(deps);
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

async function overdueClaims({ database, redis }: SweeperDeps): Promise<Overdue> {
  return await findOverdue(redis, await findClaimed(database), OVERDUE_MS);
}

/** The scripts write no such claim. It keeps its seat, and does not keep other claims waiting. */
function tellUnreadable({ log }: SweeperDeps, due: string[]): void {
  if (due.length === 0) return;
  const lectures = [...new Set(due.map((name) => name.slice(0, name.indexOf(" "))))];
  log.error(
    { event: "claim_unreadable", claims: due.length, lectures },
    "claims hold nothing that a command could be made of",
  );
}

/** A node that holds no command says nothing that could be done; its claim, while there is one, says it better. */
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

/** Queues one command again. Patience with it is only had where that may have worked: a broker that is away is asked with every sweep. */
async function queueAgain(
  deps: SweeperDeps,
  command: Command,
  patience: SweepMemory["patience"],
): Promise<boolean> {
  const outcome = await putOnItsWay(deps, command);
  if (outcome === "queued") {
    if (patience.done(pathOf(command))) deps.onStrayed?.();
  } else if (outcome !== "unknown") patience.notBegun(pathOf(command));
  return outcome === "queued";
}

/** The node first, as the origin does it: so the reservation shows as pending while its command is on the way. */
async function putOnItsWay(deps: SweeperDeps, command: Command): Promise<PublishOutcome> {
  if (!deps.leads()) return "unavailable";
  await deps.createPendingNode(command).catch(() => {});
  crashPoint("sweeper.node_created");
  const outcome = await deps.publisher.publish(command);
  crashPoint("sweeper.published");
  return outcome;
}
