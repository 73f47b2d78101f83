import { join } from "node:path";
import { stopStack } from "../stack/down.ts";
import { environmentOf, type StackEnvironment } from "../stack/environment.ts";
import type { Interrupts } from "../stack/interrupts.ts";
import { type PartName, PORTS, ROOT } from "../stack/layout.ts";
import { findFreePorts } from "../stack/ports.ts";
import { runningProcess } from "../stack/records.ts";
import { worker } from "../stack/services/worker.ts";
import { startPart } from "../stack/start-part.ts";
import { runningParts, stopParts } from "../stack/stop-parts.ts";
import { startStack } from "../stack/up.ts";

const DIR = join(ROOT, ".stack-bench");

/** The servers and services that the stages are measured on, started for the run; they log errors only. */
export interface BenchSystem {
  /** where its parts lie: the bundle of the edge, for one */
  dir: string;
  environment: StackEnvironment;
  /** the process of a part that runs */
  pidOf(part: PartName): number | undefined;
  /** Stops the worker, which would consume what a stage queues; gives the function that starts it again. */
  withoutWorker(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

/** Starts it on free ports and waits until all of it is ready. Throws StackError, with everything stopped. */
export async function startBenchSystem({ stop, hurry }: Interrupts): Promise<BenchSystem> {
  await stopStack(DIR, { wipe: true, hurry, quietly: true });
  const basePort = await findFreePorts(PORTS.length);
  const inherited = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", LOG_LEVEL: "error" };
  const config = { dir: DIR, basePort, partitions: undefined, external: {}, inherited };
  const { plan } = await startStack(config, { interrupted: stop, hurry, quietly: true });
  return {
    dir: DIR,
    environment: environmentOf(plan),
    pidOf: (part) => runningProcess(DIR, part)?.pid,
    async withoutWorker() {
      const running = runningParts(DIR).filter(({ part }) => part === worker);
      await stopParts(DIR, running, { hurry, quietly: true });
      return async () => {
        if (!stop.aborted) await startPart(plan, worker, [], stop);
      };
    },
    async stop() {
      await stopStack(DIR, { wipe: true, hurry, quietly: true });
    },
  };
}
