import type { Command, ReserveCommand } from "../contract/command.ts";
import type { Verdict } from "../queue/batches.ts";
import type { Delivery } from "../queue/delivery.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { decideAll, PATIENT, type Patience } from "./decide-all.ts";
import type { WorkerDeps } from "./deps.ts";
import { closeWhereBehind } from "./redis-behind.ts";
import { settleDecisions } from "./settle.ts";
import { steadyTime } from "./steady-time.ts";
import { watchBatch } from "./watch-batch.ts";

/**
 * Takes a batch to its end: decides in MySQL, settles in Redis, removes the pending nodes, returns
 * the verdicts. A crash anywhere brings the batch again. Each step done twice equals the step done
 * once.
 *
 * @param deliveries at most a thousand
 * @returns one verdict for each delivery, in their order
 * @throws when the worker stops; where `patience` ends, also the error that outlasted it
 */
export async function handleBatch(
  given: WorkerDeps,
  deliveries: Delivery[],
  patience = PATIENT,
): Promise<Verdict[]> {
  const commands: Command[] = [];
  for (const delivery of deliveries) if ("command" in delivery) commands.push(delivery.command);
  const timed = { ...given, now: steadyTime(given) };
  const watch = watchBatch(timed, deliveries);
  const deps = watch ? { ...timed, log: watch.log } : timed;
  const startedAtMs = deps.now();
  crashPoint("worker.delivered");
  const { decisions, undecidable } = await decideAll(deps, commands, patience);
  const decided = commands.filter((command) => !undecidable.has(command));
  watch?.decided(decisions);
  crashPoint("worker.committed");
  await settleDecisions(deps, decided, decisions, (rivals) =>
    handleRivals(given, rivals, patience),
  );
  watch?.settled();
  await closeWhereBehind(deps, decisions, startedAtMs);
  const verdicts = deliveries.map((delivery) => verdictOn(deps, delivery, undecidable));
  watch?.ended(verdicts);
  return verdicts;
}

/**
 * Decides and settles rival commands as if delivered. An undecidable rival stays held: the sweep
 * queues it, and it ends as a dead letter.
 */
export async function handleRivals(
  deps: WorkerDeps,
  rivals: ReserveCommand[],
  patience: Patience,
): Promise<void> {
  await handleBatch(
    deps,
    rivals.map((command) => ({ command, deliveryCount: 0, redelivered: false })),
    patience,
  );
}

function verdictOn(deps: WorkerDeps, delivery: Delivery, undecidable: Set<Command>): Verdict {
  if ("command" in delivery) return undecidable.has(delivery.command) ? "dead" : "ack";
  deps.log.error(
    { event: "message_unreadable", reason: delivery.unreadable },
    "the message is no command; it goes to the dead letters",
  );
  return "dead";
}
