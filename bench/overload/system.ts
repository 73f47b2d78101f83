import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Keyring } from "../../contract/keyring.ts";
import { stopStack } from "../../stack/down.ts";
import { environmentOf } from "../../stack/environment.ts";
import type { Interrupts } from "../../stack/interrupts.ts";
import { PORTS, portOf, ROOT } from "../../stack/layout.ts";
import { findFreePorts } from "../../stack/ports.ts";
import { stop as stopProcess } from "../../stack/processes.ts";
import { runningProcess } from "../../stack/records.ts";
import { startStack } from "../../stack/up.ts";
import { cpuSecondsOf } from "../cpu.ts";

const WORKER_STOPS_WITHIN_MS = 10_000;
const DIR = join(ROOT, ".stack-overload");

/**
 * The servers and the origin of the run's own; the origin logs errors only. The worker is stopped: it would take the machine from what is
 * measured, in the overload longer than at the peak.
 */
export interface OwnSystem {
  originPort: number;
  edgeKeys: Keyring;
  /** the memory of the origin's process, in megabytes */
  originRssMb(): number;
  /** the CPU time that the origin and its servers have used so far, in seconds */
  cpuSeconds(): { origin: number; servers: number };
  stop(): Promise<void>;
}

/** Starts it on free ports and waits until all of it is ready. Throws StackError, with everything stopped. */
export async function startOwnSystem({ stop, hurry }: Interrupts): Promise<OwnSystem> {
  await stopStack(DIR, { wipe: true, hurry, quietly: true });
  const basePort = await findFreePorts(PORTS.length);
  const inherited = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", LOG_LEVEL: "error" };
  const config = { dir: DIR, basePort, partitions: undefined, external: {}, inherited };
  const { plan } = await startStack(config, { interrupted: stop, hurry, quietly: true });
  const worker = runningProcess(DIR, "worker");
  if (worker) await stopProcess(worker, WORKER_STOPS_WITHIN_MS, hurry);
  const pid = runningProcess(DIR, "origin")?.pid;
  return {
    originPort: portOf(basePort, "origin"),
    edgeKeys: Keyring.parse(environmentOf(plan).EDGE_KEYS),
    originRssMb: () => rssMb(pid),
    cpuSeconds: () => ({
      origin: cpuSecondsOf(pid),
      servers:
        cpuSecondsOf(runningProcess(DIR, "rabbitmq")?.pid) +
        cpuSecondsOf(runningProcess(DIR, "zookeeper")?.pid),
    }),
    async stop() {
      await stopStack(DIR, { wipe: true, hurry, quietly: true });
    },
  };
}

/** 0 where there is no such process any more. */
function rssMb(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
  } catch {
    return 0;
  }
}
