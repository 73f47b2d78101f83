import type { StackEnvironment } from "../../stack/environment.ts";
import type { Interrupts } from "../../stack/interrupts.ts";
import { stop as stopProcess } from "../../stack/processes.ts";
import { runningProcess } from "../../stack/records.ts";
import { worker } from "../../stack/services/worker.ts";
import { startPart } from "../../stack/start-part.ts";
import { type OwnSystem, startOwnSystem } from "../kit/own-system.ts";

/**
 * The measured numbers of partitions. Each has its own virtual host, since a broker's partitions
 * are declared for good. The system itself has four.
 */
export type Partitions = 1 | 2 | 4;

/** A virtual host beside the system's own, which no service of the system consumes. */
type VirtualHost = "apart" | "partitions-1" | "partitions-2";

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
  partitions: number;
}

/** The real servers and services of a measurement. The worker can stop and start alone. */
export interface BenchSystem extends OwnSystem {
  /** the same servers with a separate virtual host and chroot, which no service consumes */
  apart: StackEnvironment;
  brokerOf(partitions: Partitions): Broker;
  /** Stops the worker; queued commands wait. Returns when its last batch is settled. */
  stopWorker(): Promise<void>;
  /** Starts the worker with this number of partitions, and waits until it is ready. */
  startWorker(partitions?: Partitions): Promise<void>;
}

/**
 * Starts the system and waits until all of it is ready. Throws StackError with everything stopped.
 */
export async function startBenchSystem(
  interrupts: Interrupts,
  { dir, vhosts = [], quietly = true }: { dir: string; vhosts?: VirtualHost[]; quietly?: boolean },
): Promise<BenchSystem> {
  const system = await startOwnSystem(interrupts, { dir, vhosts, settings: SETTINGS, quietly });
  const { plan, environment } = system;
  const urlOf = (vhost: VirtualHost) => `${environment.RABBITMQ_URL}/${vhost}`;

  function brokerOf(partitions: Partitions): Broker {
    if (partitions === 4) return { partitions, url: environment.RABBITMQ_URL };
    return { partitions, url: urlOf(`partitions-${partitions}`) };
  }

  return {
    ...system,
    apart: {
      ...environment,
      RABBITMQ_URL: urlOf("apart"),
      ZOOKEEPER_URL: `${environment.ZOOKEEPER_URL}/apart`,
    },
    brokerOf,

    async stopWorker() {
      const running = runningProcess(system.dir, "worker");
      if (running) await stopProcess(running, worker.stopWithinMs, interrupts.hurry);
    },

    async startWorker(partitions = 4) {
      const { url } = brokerOf(partitions);
      const prepare: typeof worker.prepare = async (...given) => {
        const launch = await worker.prepare(...given);
        const env = { ...launch.env, RABBITMQ_URL: url, PARTITIONS: String(partitions) };
        return { ...launch, env };
      };
      await startPart(plan, { ...worker, prepare }, [], interrupts.stop);
    },
  };
}
