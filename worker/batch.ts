import type { Command, ReserveCommand } from "../contract/command.ts";
import { crashPoint } from "../crash-points/crash-point.ts";
import type { Verdict } from "../queue/batches.ts";
import type { Delivery } from "../queue/delivery.ts";
import { decide } from "./decide.ts";
import type { WorkerDeps } from "./deps.ts";
import { closeWhereBehind } from "./redis-behind.ts";
import { isTransient, retrying } from "./retry.ts";
import type { Decision } from "./rules.ts";
import { settleDecisions } from "./settle.ts";
import { watchBatch } from "./watch-batch.ts";

/**
 * Takes a batch of deliveries from the queue to its end: decide in MySQL, settle in Redis, remove the pending nodes, and only then
 * the verdicts that acknowledge it. A crash anywhere brings the batch again, and every step done twice equals the step done once.
 */
export async function handleBatch(given: WorkerDeps, deliveries: Delivery[]): Promise<Verdict[]> {
  const commands: Command[] = [];
  for (const delivery of deliveries) if ("command" in delivery) commands.push(delivery.command);
  const watch = watchBatch(given, deliveries);
  const deps = watch ? { ...given, log: watch.log } : given;
  const startedAtMs = deps.now();
  crashPoint("worker.delivered");
  const { decisions, undecidable } = await decideAll(deps, commands);
  const decided = commands.filter((command) => !undecidable.has(command));
  watch?.decided(decisions);
  crashPoint("worker.committed");
  await settleDecisions(deps, decided, decisions, (rivals) => handleRivals(given, rivals));
  watch?.settled();
  await closeWhereBehind(deps, decisions, startedAtMs);
  const verdicts = deliveries.map((delivery) => verdictOn(deps, delivery, undecidable));
  watch?.ended(verdicts);
  return verdicts;
}

/**
 * Takes rival commands to their end as if they had been delivered. One that cannot be decided stays held: the sweep queues it, and it
 * ends as a dead letter.
 */
export async function handleRivals(deps: WorkerDeps, rivals: ReserveCommand[]): Promise<void> {
  await handleBatch(
    deps,
    rivals.map((command) => ({ command, deliveryCount: 0, redelivered: false })),
  );
}

interface Outcome {
  decisions: Decision[];
  /** commands that fail by themselves, whatever is tried */
  undecidable: Set<Command>;
}

/**
 * Decides the commands in one transaction. While the database is away the batch waits here, which stops the consuming and counts no
 * attempt against any message. A failure that is not of the infrastructure is some command's own: the batch is halved until
 * that command is alone, so it does not fail its neighbours.
 */
async function decideAll(deps: WorkerDeps, commands: Command[]): Promise<Outcome> {
  if (commands.length === 0) return { decisions: [], undecidable: new Set() };
  try {
    return { decisions: await decidePatiently(deps, commands), undecidable: new Set() };
  } catch (error) {
    if (deps.stopping.aborted || isTransient(error)) throw error;
    if (commands.length === 1) {
      deps.log.error(
        { event: "command_undecidable", rid: commands[0]?.rid, err: error },
        "a command cannot be decided",
      );
      return { decisions: [], undecidable: new Set(commands) };
    }
    const middle = commands.length >> 1;
    const first = await decideAll(deps, commands.slice(0, middle));
    const second = await decideAll(deps, commands.slice(middle));
    return {
      decisions: [...first.decisions, ...second.decisions],
      undecidable: first.undecidable.union(second.undecidable),
    };
  }
}

function decidePatiently(deps: WorkerDeps, commands: Command[]): Promise<Decision[]> {
  return retrying(() => decide(deps.database, commands, deps.now()), {
    firstWaitMs: 50,
    maxWaitMs: 2_000,
    mayRetry: isTransient,
    onRetry: (err, attempt) =>
      deps.log.warn(
        { event: "decide_retried", attempt, commands: commands.length, err },
        "deciding a batch again",
      ),
    signal: deps.stopping,
    clock: deps.clock,
  });
}

function verdictOn(deps: WorkerDeps, delivery: Delivery, undecidable: Set<Command>): Verdict {
  if ("command" in delivery) return undecidable.has(delivery.command) ? "dead" : "ack";
  deps.log.error({ event: "message_unreadable", reason: delivery.unreadable }, "a message is not a command");
  return "dead";
}
