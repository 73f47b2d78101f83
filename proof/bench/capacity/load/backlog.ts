import { claim } from "../../../../admission/claim.ts";
import type { ReserveCommand } from "../../../../contract/command.ts";
import type { LectureId } from "../../../../contract/ids.ts";
import { inParallel } from "../../../../pending/in-parallel.ts";
import { listPendingPaths } from "../../../../pending/read.ts";
import { eventually } from "../../../../test/servers.ts";
import { prepareCommands } from "../../commands.ts";
import { cpuPerOperation, metered, type Rate } from "../../processes.ts";
import { readRow } from "../../read-row.ts";
import { publisherOf } from "../../servers.ts";
import type { Broker, Partitions } from "../../system.ts";
import type { Bench } from "../bench.ts";
import type { Clients } from "../clients.ts";

const CLAIMS_IN_FLIGHT = 500;
const MESSAGES_IN_FLIGHT = 900;
const DRAINED_WITHIN_MS = 120_000;

/**
 * Claims a seat for each command, with the real script, past the HTTP front. Returns the commands
 * that ask for the decisions. Rejects unless every answer is the expected one.
 */
export async function claimAll(
  { direct }: Clients,
  commands: ReserveCommand[],
  expected: "claimed" | "sold_out" = "claimed",
): Promise<ReserveCommand[]> {
  return await inParallel(commands, CLAIMS_IN_FLIGHT, async (command) => {
    const answer = await claim(direct.client, command);
    if (answer.outcome !== expected)
      throw new Error(`a claim was answered ${answer.outcome}, not ${expected}`);
    return answer.outcome === "claimed" ? { ...command, claimedAtMs: answer.claimedAtMs } : command;
  });
}

/** Queues commands as the origin does: the pending node, then the message with its confirm. */
export async function queueAll(
  { createPendingNode }: Clients,
  broker: Broker,
  commands: ReserveCommand[],
): Promise<void> {
  await inParallel(commands, MESSAGES_IN_FLIGHT, createPendingNode);
  await publishAll(broker, commands);
}

/** Publishes commands with the real publisher, and waits for their confirms. */
export async function publishAll(broker: Broker, commands: ReserveCommand[]): Promise<void> {
  const publisher = await publisherOf(broker);
  try {
    await inParallel(commands, MESSAGES_IN_FLIGHT, async (command) => {
      const outcome = await publisher.publish(command);
      if (outcome !== "queued") throw new Error(`a command was not queued but ${outcome}`);
    });
  } finally {
    await publisher.close();
  }
}

/** The worker's progress through a backlog, from its first visible decision to the last. */
export interface Drained {
  decisions: Rate;
  /** CPUs in use meanwhile, by the system and by other programs of the machine */
  systemCpus: number;
  othersCpus: number;
}

/**
 * Lets the real worker decide a backlog: seats are claimed and queued while it is stopped, then it
 * starts. Its start does not count. Leaves it running.
 */
export async function drainBacklog(
  bench: Bench,
  {
    lectureIds,
    count,
    partitions = 4,
  }: { lectureIds: LectureId[]; count: number; partitions?: Partitions },
): Promise<Drained> {
  const { system, clients } = bench;
  await system.stopWorker();
  const commands = await claimAll(clients, prepareCommands(lectureIds, count));
  await queueAll(clients, system.brokerOf(partitions), commands);
  return await drainQueue(bench, { count, partitions });
}

/** Starts the worker on a queue with this many pending decisions. */
export async function drainQueue(
  { system, clients }: Bench,
  { count, partitions = 4 }: { count: number; partitions?: Partitions },
): Promise<Drained> {
  const before = await seatsLeft(clients);
  const starting = system.startWorker(partitions);
  const decided = async () => before - (await seatsLeft(clients));
  const first = await drained("begins its backlog", decided);
  const { seconds, cpu } = await metered(system, async () => {
    await drained("decides its backlog", async () => (await decided()) >= count);
    // The last effect of a decision is the removal of its pending node.
    await drained(
      "settles its backlog",
      async () => (await listPendingPaths(clients.zooKeeper)).length === 0,
    );
  });
  await starting;
  const decisions = count - first;
  return {
    decisions: { perS: Math.round(decisions / seconds), cpuMs: cpuPerOperation(cpu, decisions) },
    systemCpus: cpu.system / seconds / 1_000,
    othersCpus: cpu.others / seconds / 1_000,
  };
}

/** Waits until the worker has come so far: until `read` gives neither 0 nor false. */
function drained<Figure>(what: string, read: () => Promise<Figure>): Promise<Figure> {
  const figure = async () => (await read()) || undefined;
  return eventually(`the worker ${what}`, figure, DRAINED_WITHIN_MS);
}

/** The free seats of all lectures in MySQL. */
async function seatsLeft({ database }: Clients): Promise<number> {
  const query = "SELECT COALESCE(SUM(remaining), 0) AS seats FROM stock";
  return (await readRow<"seats">(database, query)).seats;
}
