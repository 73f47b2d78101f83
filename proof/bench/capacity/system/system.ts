import type { StackEnvironment } from "../../../../stack/environment.ts";
import type { Interrupts } from "../../../../stack/interrupts.ts";
import { type PartName, paths } from "../../../../stack/layout.ts";
import { stop as stopProcess } from "../../../../stack/processes.ts";
import { runningProcess } from "../../../../stack/records.ts";
import { worker } from "../../../../stack/services/worker.ts";
import { startPart } from "../../../../stack/start-part.ts";
import { startOwnSystem } from "../../../kit/own-system.ts";

/**
 * The measured numbers of partitions. Each has its own virtual host, since a broker's partitions
 * are declared for good.
 */
const PARTITION_COUNTS = [1, 2, 4] as const;
export type Partitions = (typeof PARTITION_COUNTS)[number];

/** The stack's own number of partitions. */
const OWN_PARTITIONS = 4;

/** Every process that a reservation passes. */
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

/** In place of a proxy before the edge: each student of the load has an own address. */
export const ADDRESS_HEADER = "X-Student-Address";

const SETTINGS = {
  CLIENT_ADDRESS_HEADER: ADDRESS_HEADER,
  // Reads are measured without an address, so all count as one client's.
  READ_BUCKET_TOKENS: "10000000",
  READ_BUCKET_REFILL_PER_S: "10000000",
};

export interface Broker {
  url: string;
  partitions: Partitions;
}

/**
 * The real servers and services, started for the run; they log errors only. The worker can stop and
 * start alone.
 */
export interface CapacitySystem {
  environment: StackEnvironment;
  /** undefined while the part does not run */
  pidOf(part: MeasuredPart): number | undefined;
  /** the data directory of a server */
  dataOf(part: MeasuredPart): string;
  brokerOf(partitions: Partitions): Broker;
  /** Stops the worker; queued commands wait. Returns when its last batch is settled. */
  stopWorker(): Promise<void>;
  /** Starts the worker with this number of partitions, and waits until it is ready. */
  startWorker(partitions?: Partitions): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the system and waits until all of it is ready. Throws StackError with everything stopped.
 */
export async function startCapacitySystem(interrupts: Interrupts): Promise<CapacitySystem> {
  const system = await startOwnSystem(interrupts, {
    dir: ".stack-capacity",
    partitions: OWN_PARTITIONS,
    vhosts: PARTITION_COUNTS.filter((count) => count !== OWN_PARTITIONS).map(vhostOf),
    settings: SETTINGS,
    quietly: false,
  });
  const { dir, plan, environment } = system;

  function brokerOf(partitions: Partitions): Broker {
    const own = environment.RABBITMQ_URL;
    return {
      partitions,
      url: partitions === OWN_PARTITIONS ? own : `${own}/${vhostOf(partitions)}`,
    };
  }

  return {
    environment,
    pidOf: system.pidOf,
    dataOf: (part) => paths.data(dir, part),
    brokerOf,

    async stopWorker() {
      const running = runningProcess(dir, "worker");
      if (running) await stopProcess(running, worker.stopWithinMs, interrupts.hurry);
    },

    async startWorker(partitions = OWN_PARTITIONS) {
      const { url } = brokerOf(partitions);
      const prepare: typeof worker.prepare = async (...given) => {
        const launch = await worker.prepare(...given);
        return {
          ...launch,
          env: { ...launch.env, RABBITMQ_URL: url, PARTITIONS: String(partitions) },
        };
      };
      await startPart(plan, { ...worker, prepare }, [], interrupts.stop);
    },

    stop: system.stop,
  };
}

function vhostOf(partitions: number): string {
  return `partitions-${partitions}`;
}
