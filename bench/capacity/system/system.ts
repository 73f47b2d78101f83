import { join } from "node:path";
import { stopStack } from "../../../stack/down.ts";
import { environmentOf, type StackEnvironment } from "../../../stack/environment.ts";
import type { Interrupts } from "../../../stack/interrupts.ts";
import { type PartName, PORTS, paths, ROOT } from "../../../stack/layout.ts";
import { findFreePorts } from "../../../stack/ports.ts";
import { stop as stopProcess } from "../../../stack/processes.ts";
import { runningProcess } from "../../../stack/records.ts";
import { worker } from "../../../stack/services/worker.ts";
import { startPart } from "../../../stack/start-part.ts";
import { startStack } from "../../../stack/up.ts";

const DIR = join(ROOT, ".stack-capacity");

/** Numbers of partitions that are measured. Each has a virtual host of its own, since a broker's partitions are declared for good. */
export const PARTITION_COUNTS = [1, 2, 4] as const;
export type Partitions = (typeof PARTITION_COUNTS)[number];

/** What the stack itself is started with. */
const OWN_PARTITIONS = 4;

/** Every process of the system that a reservation passes through. */
export const PARTS = [
  "edge",
  "redis-http",
  "redis",
  "origin",
  "zookeeper",
  "rabbitmq",
  "worker",
  "mysql",
] as const satisfies readonly PartName[];
export type MeasuredPart = (typeof PARTS)[number];

/** In place of a proxy in front of the edge: each student of the load has an address of their own. */
export const ADDRESS_HEADER = "X-Student-Address";

export interface Broker {
  url: string;
  partitions: Partitions;
}

/** The real servers and services, started for the run; they log errors only. The worker can be stopped and started by itself. */
export interface CapacitySystem {
  environment: StackEnvironment;
  /** undefined for one that does not run now */
  pidOf(part: MeasuredPart): number | undefined;
  /** where a server keeps its data */
  dataOf(part: MeasuredPart): string;
  brokerOf(partitions: Partitions): Broker;
  /** What is queued meanwhile waits. Returns when its last batch is settled. */
  stopWorker(): Promise<void>;
  /** Starts the worker on so many partitions, and waits until it is ready. */
  startWorker(partitions?: Partitions): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it on free ports and waits until all of it is ready. Throws StackError, with everything stopped. */
export async function startCapacitySystem({ stop, hurry }: Interrupts): Promise<CapacitySystem> {
  await stopStack(DIR, { wipe: true, hurry, quietly: true });
  const basePort = await findFreePorts(PORTS.length);
  const config = { dir: DIR, basePort, partitions: OWN_PARTITIONS, external: {}, inherited: settings() };
  const vhosts = PARTITION_COUNTS.filter((count) => count !== OWN_PARTITIONS).map(vhostOf);
  const { plan } = await startStack(config, { interrupted: stop, hurry, vhosts });
  const environment = environmentOf(plan);

  function brokerOf(partitions: Partitions): Broker {
    const own = environment.RABBITMQ_URL;
    return { partitions, url: partitions === OWN_PARTITIONS ? own : `${own}/${vhostOf(partitions)}` };
  }

  return {
    environment,
    pidOf: (part) => runningProcess(DIR, part)?.pid,
    dataOf: (part) => paths.data(DIR, part),
    brokerOf,

    async stopWorker() {
      const running = runningProcess(DIR, "worker");
      if (running) await stopProcess(running, worker.stopWithinMs, hurry);
    },

    async startWorker(partitions = OWN_PARTITIONS) {
      const { url } = brokerOf(partitions);
      const prepare: typeof worker.prepare = async (...given) => {
        const launch = await worker.prepare(...given);
        return { ...launch, env: { ...launch.env, RABBITMQ_URL: url, PARTITIONS: String(partitions) } };
      };
      await startPart(plan, { ...worker, prepare }, [], stop);
    },

    async stop() {
      await stopStack(DIR, { wipe: true, hurry, quietly: true });
    },
  };
}

function vhostOf(partitions: number): string {
  return `partitions-${partitions}`;
}

function settings(): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: process.env["HOME"] ?? "",
    LOG_LEVEL: "error",
    CLIENT_ADDRESS_HEADER: ADDRESS_HEADER,
    // Reads are measured without an address, so all of them are one client's.
    READ_BUCKET_TOKENS: "10000000",
    READ_BUCKET_REFILL_PER_S: "10000000",
  };
}
