import type { StackEnvironment } from "../../../../stack/environment.ts";
import type { Interrupts } from "../../../../stack/interrupts.ts";
import { type PartName, paths } from "../../../../stack/layout.ts";
import { stop as stopProcess } from "../../../../stack/processes.ts";
import { runningProcess } from "../../../../stack/records.ts";
import { worker } from "../../../../stack/services/worker.ts";
import { startPart } from "../../../../stack/start-part.ts";
import { startOwnSystem } from "../../../kit/own-system.ts";

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

const SETTINGS = {
  CLIENT_ADDRESS_HEADER: ADDRESS_HEADER,
  // Reads are measured without an address, so all of them are one client's.
  READ_BUCKET_TOKENS: "10000000",
  READ_BUCKET_REFILL_PER_S: "10000000",
};

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

/** Starts the system and waits until all of it is ready. Throws StackError, with everything stopped. */
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
