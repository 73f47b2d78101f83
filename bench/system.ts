import { join } from "node:path";
import { stopStack } from "../stack/down.ts";
import { environmentOf, type StackEnvironment } from "../stack/environment.ts";
import type { Interrupts } from "../stack/interrupts.ts";
import { type PartName, PORTS, ROOT } from "../stack/layout.ts";
import { findFreePorts } from "../stack/ports.ts";
import { runningProcess } from "../stack/records.ts";
import { startStack } from "../stack/up.ts";

const DIR = join(ROOT, ".stack-bench");
const APART = "apart";

/** The servers and services that the stages are measured on, started for the run; they log errors only. */
export interface BenchSystem {
  /** where its parts lie: the bundle of the edge, for one */
  dir: string;
  environment: StackEnvironment;
  /** the same servers, with a virtual host and a chroot of their own: what a stage queues there no service takes */
  apart: StackEnvironment;
  /** the process of a part that runs */
  pidOf(part: PartName): number | undefined;
  stop(): Promise<void>;
}

/** Starts it on free ports and waits until all of it is ready. Throws StackError, with everything stopped. */
export async function startBenchSystem({ stop, hurry }: Interrupts): Promise<BenchSystem> {
  await stopStack(DIR, { wipe: true, hurry, quietly: true });
  const basePort = await findFreePorts(PORTS.length);
  const inherited = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", LOG_LEVEL: "error" };
  const config = { dir: DIR, basePort, partitions: undefined, external: {}, inherited };
  const { plan } = await startStack(config, { interrupted: stop, hurry, quietly: true, vhosts: [APART] });
  const environment = environmentOf(plan);
  return {
    dir: DIR,
    environment,
    apart: {
      ...environment,
      RABBITMQ_URL: `${environment.RABBITMQ_URL}/${APART}`,
      ZOOKEEPER_URL: `${environment.ZOOKEEPER_URL}/${APART}`,
    },
    pidOf: (part) => runningProcess(DIR, part)?.pid,
    async stop() {
      await stopStack(DIR, { wipe: true, hurry, quietly: true });
    },
  };
}
