import { readFileSync } from "node:fs";
import { Keyring } from "../../../contract/keyring.ts";
import type { Interrupts } from "../../../stack/interrupts.ts";
import { portOf } from "../../../stack/layout.ts";
import { stop as stopProcess } from "../../../stack/processes.ts";
import { runningProcess } from "../../../stack/records.ts";
import { startOwnSystem } from "../../kit/own-system.ts";
import { cpuSecondsOf } from "../cpu.ts";

const WORKER_STOPS_WITHIN_MS = 10_000;

/**
 * The servers and the origin of the run. The worker is stopped: it would take CPU from the origin,
 * and for longer in the overload than at the peak.
 */
export interface OverloadSystem {
  originPort: number;
  edgeKeys: Keyring;
  /** the memory of the origin's process, in megabytes */
  originRssMb(): number;
  /** the CPU time of the origin and its servers so far, in seconds */
  cpuSeconds(): { origin: number; servers: number };
  stop(): Promise<void>;
}

/**
 * Starts the system and waits until all of it is ready. Throws StackError with everything stopped.
 */
export async function startOverloadSystem(interrupts: Interrupts): Promise<OverloadSystem> {
  const system = await startOwnSystem(interrupts, { dir: ".stack-overload" });
  const { plan, environment, pidOf, stop } = system;
  const worker = runningProcess(system.dir, "worker");
  if (worker) await stopProcess(worker, WORKER_STOPS_WITHIN_MS, interrupts.hurry);
  const origin = pidOf("origin");
  return {
    originPort: portOf(plan.basePort, "origin"),
    edgeKeys: Keyring.parse(environment.EDGE_KEYS),
    originRssMb: () => rssMb(origin),
    cpuSeconds: () => ({
      origin: cpuSecondsOf(origin),
      servers: cpuSecondsOf(pidOf("rabbitmq")) + cpuSecondsOf(pidOf("zookeeper")),
    }),
    stop,
  };
}

/** 0 for a missing process. */
function rssMb(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
  } catch {
    return 0;
  }
}
