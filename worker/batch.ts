import {
  type AmendCommand,
  type Command,
  isOfSeat,
  type ReserveCommand,
  type SeatCommand,
} from "../contract/command.ts";
import type { Verdict } from "../queue/batches.ts";
import type { Delivery } from "../queue/delivery.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { decideAmendment, settleAmendment } from "./amend.ts";
import { decide } from "./decide.ts";
import { decideAll, PATIENT, type Patience } from "./decide-all.ts";
import type { WorkerDeps } from "./deps.ts";
import { closeWhereBehind } from "./redis-behind.ts";
import { settleDecisions } from "./settle.ts";
import { steadyTime } from "./steady-time.ts";
import { watchBatch } from "./watch-batch.ts";

/**
 * Takes a batch to its end, in the order of its messages. An amendment is decided and settled
 * alone: commands before it must not meet its terms, and commands behind it must.
 *
 * @param deliveries at most a thousand
 * @returns one verdict for each delivery, in their order
 * @throws when the worker stops; where `patience` ends, also the error that outlasted it
 */
export async function handleBatch(
  deps: WorkerDeps,
  deliveries: Delivery[],
  patience = PATIENT,
): Promise<Verdict[]> {
  crashPoint("worker.delivered");
  const verdicts: Verdict[] = [];
  for (let from = 0; from < deliveries.length; ) {
    const found = deliveries.findIndex((delivery, at) => at >= from && isAmendment(delivery));
    const to = found === -1 ? deliveries.length : found;
    if (to > from)
      verdicts.push(
        ...(await handleSeats(deps, deliveries.slice(from, to) as SeatDelivery[], patience)),
      );
    const amendment = deliveries[to];
    if (amendment) verdicts.push(await handleAmendment(deps, amendment as AmendDelivery, patience));
    from = to + 1;
  }
  return verdicts;
}

type AmendDelivery = Delivery & { command: AmendCommand };
type SeatDelivery = Exclude<Delivery, { command: Command }> | (Delivery & { command: SeatCommand });

function isAmendment(delivery: Delivery): delivery is AmendDelivery {
  return "command" in delivery && !isOfSeat(delivery.command.kind);
}

/**
 * Takes commands about seats to their end: decides in MySQL, settles in Redis, removes the pending
 * nodes, returns the verdicts. A crash anywhere brings the batch again. Each step done twice equals
 * the step done once.
 *
 * @param deliveries at most a thousand
 * @returns one verdict for each delivery, in their order
 * @throws when the worker stops; where `patience` ends, also the error that outlasted it
 */
async function handleSeats(
  given: WorkerDeps,
  deliveries: SeatDelivery[],
  patience: Patience,
): Promise<Verdict[]> {
  const commands: SeatCommand[] = [];
  for (const delivery of deliveries) if ("command" in delivery) commands.push(delivery.command);
  const timed = { ...given, now: steadyTime(given) };
  const watch = watchBatch(timed, deliveries);
  const deps = watch ? { ...timed, log: watch.log } : timed;
  const startedAtMs = deps.now();
  const { decisions, undecidable } = await decideAll(deps, commands, patience, (some) =>
    decide(deps.database, some, deps.now()),
  );
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

/** Takes an amendment to its end. Each step done twice equals the step done once. */
async function handleAmendment(
  given: WorkerDeps,
  delivery: AmendDelivery,
  patience: Patience,
): Promise<Verdict> {
  const { command } = delivery;
  const timed = { ...given, now: steadyTime(given) };
  const watch = watchBatch(timed, [delivery]);
  const deps = watch ? { ...timed, log: watch.log } : timed;
  const { decisions, undecidable } = await decideAll(deps, [command], patience, async () => [
    await decideAmendment(deps, command),
  ]);
  for (const decided of decisions) {
    watch?.amended(decided);
    crashPoint("amend.committed");
    await settleAmendment(deps, decided);
    watch?.settled();
  }
  const verdict = verdictOn(deps, delivery, undecidable);
  watch?.ended([verdict]);
  return verdict;
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

function verdictOn(
  deps: WorkerDeps,
  delivery: Delivery,
  undecidable: ReadonlySet<Command>,
): Verdict {
  if ("command" in delivery) return undecidable.has(delivery.command) ? "dead" : "ack";
  deps.log.error(
    { event: "message_unreadable", reason: delivery.unreadable },
    "the message is no command; it goes to the dead letters",
  );
  return "dead";
}
