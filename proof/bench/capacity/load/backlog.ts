import { claim } from "../../../../admission/claim.ts";
import type { ReserveCommand } from "../../../../contract/command.ts";
import type { LectureId } from "../../../../contract/ids.ts";
import { listPendingPaths } from "../../../../pending/read.ts";
import { openPublisher } from "../../../../queue/publisher.ts";
import type { Clients } from "../system/clients.ts";
import { type CpuUsed, countCpu } from "../system/processes.ts";
import type { Broker, CapacitySystem, Partitions } from "../system/system.ts";
import { wishMaker } from "./lectures.ts";

const IN_FLIGHT = 500;
const CONFIRM_TIMEOUT_MS = 60_000;
const DRAINED_WITHIN_MS = 120_000;
const POLL_MS = 10;

/**
 * Claims seats of these lectures evenly, with the real script, past the HTTP front. Returns the
 * commands for their decisions.
 */
export async function claimSeats(
  { direct }: Pick<Clients, "direct">,
  lectureIds: LectureId[],
  count: number,
): Promise<ReserveCommand[]> {
  const nextWish = wishMaker(lectureIds);
  const commands: ReserveCommand[] = [];
  await times(count, async () => {
    const wish = nextWish();
    const answer = await claim(direct.client, wish);
    if (answer.outcome !== "claimed") throw new Error(`a claim was answered ${answer.outcome}`);
    commands.push({ kind: "reserve", ...wish, claimedAtMs: answer.claimedAtMs });
  });
  return commands;
}

/** Queues commands as the origin does: the pending node, then the message with its confirm. */
export async function queueCommands(
  { createPendingNode }: Pick<Clients, "createPendingNode">,
  broker: Broker,
  commands: ReserveCommand[],
): Promise<void> {
  const publisher = openPublisher({
    ...broker,
    maxInFlight: 2 * IN_FLIGHT,
    confirmTimeoutMs: CONFIRM_TIMEOUT_MS,
  });
  try {
    if (!(await publisher.readyWithin(CONFIRM_TIMEOUT_MS)))
      throw new Error("RabbitMQ does not answer");
    const left = commands.values();
    await times(commands.length, async () => {
      const { value: command } = left.next();
      if (!command) return;
      await createPendingNode(command);
      const outcome = await publisher.publish(command);
      if (outcome !== "queued") throw new Error(`a command was not queued but ${outcome}`);
    });
  } finally {
    await publisher.close();
  }
}

/** The worker's progress through a backlog, from its first visible decision to the last. */
export interface Drained {
  decisions: number;
  seconds: number;
  cpu: CpuUsed;
}

/**
 * Lets the real worker decide a backlog: seats are claimed and queued while it is stopped, then it
 * starts. Its start does not count. Leaves it running.
 */
export async function drainBacklog(
  system: CapacitySystem,
  clients: Clients,
  {
    lectureIds,
    commands,
    partitions = 4,
  }: { lectureIds: LectureId[]; commands: number; partitions?: Partitions },
): Promise<Drained> {
  await system.stopWorker();
  const claimed = await claimSeats(clients, lectureIds, commands);
  await queueCommands(clients, system.brokerOf(partitions), claimed);
  return await drainQueue(system, clients, { decisions: commands, partitions });
}

/** Starts the worker on a queue with this many pending decisions. */
export async function drainQueue(
  system: CapacitySystem,
  clients: Clients,
  { decisions, partitions }: { decisions: number; partitions: Partitions },
): Promise<Drained> {
  const before = await seatsLeft(clients);
  const starting = system.startWorker(partitions);
  const decided = async () => before - (await seatsLeft(clients));
  const first = await until(decided, (count) => count > 0);
  const [countedCpu, startedMs] = [countCpu(system), performance.now()];
  await until(decided, (count) => count >= decisions);
  await untilSettled(clients);
  const [seconds, cpu] = [(performance.now() - startedMs) / 1_000, countedCpu()];
  await starting;
  return { decisions: decisions - first, seconds, cpu };
}

/** The last effect of a decision is the removal of its pending node. */
async function untilSettled({ zooKeeper }: Clients): Promise<void> {
  const pendingNodes = async () => (await listPendingPaths(zooKeeper)).length;
  await until(pendingNodes, (count) => count === 0);
}

async function until(
  read: () => Promise<number>,
  isEnough: (figure: number) => boolean,
): Promise<number> {
  const endsAtMs = performance.now() + DRAINED_WITHIN_MS;
  for (;;) {
    const figure = await read();
    if (isEnough(figure)) return figure;
    if (performance.now() > endsAtMs)
      throw new Error(`the worker does not get through its backlog (${figure})`);
    await Bun.sleep(POLL_MS);
  }
}

/** The free seats of all lectures in MySQL. */
async function seatsLeft({ database }: Clients): Promise<number> {
  return await database.withConnection(async (connection) => {
    const [rows] = await connection.query("SELECT COALESCE(SUM(remaining), 0) AS seats FROM stock");
    const [{ seats = 0 } = {}] = rows as { seats?: number }[];
    return Number(seats);
  });
}

/** Repeats `work` this often, with bounded concurrency. */
async function times(count: number, work: () => Promise<void>): Promise<void> {
  let begun = 0;
  const lane = async () => {
    while (begun < count) {
      begun += 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, lane));
}
