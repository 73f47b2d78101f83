import type { StackEnvironment } from "../../stack/environment.ts";
import type { Interrupts } from "../../stack/interrupts.ts";
import { type OwnSystem, startOwnSystem } from "../kit/own-system.ts";

const APART = "apart";

/** The servers and services for the stages. */
export interface BenchSystem extends OwnSystem {
  /** the same servers with a separate virtual host and chroot, which no service consumes */
  apart: StackEnvironment;
}

/**
 * Starts the system and waits until all of it is ready. Throws StackError with everything stopped.
 */
export async function startBenchSystem(interrupts: Interrupts): Promise<BenchSystem> {
  const system = await startOwnSystem(interrupts, { dir: ".stack-bench", vhosts: [APART] });
  const { environment } = system;
  const apart = {
    ...environment,
    RABBITMQ_URL: `${environment.RABBITMQ_URL}/${APART}`,
    ZOOKEEPER_URL: `${environment.ZOOKEEPER_URL}/${APART}`,
  };
  return { ...system, apart };
}
