import { join } from "node:path";
import { stopStack } from "../../stack/down.ts";
import { environmentOf, type StackEnvironment } from "../../stack/environment.ts";
import type { Interrupts } from "../../stack/interrupts.ts";
import { type PartName, PORTS, ROOT } from "../../stack/layout.ts";
import type { Plan } from "../../stack/plan.ts";
import { findFreePorts } from "../../stack/ports.ts";
import { runningProcess } from "../../stack/records.ts";
import { startStack } from "../../stack/up.ts";

export interface OwnSystemOptions {
  /** the directory of its data and logs, below the project's root */
  dir: string;
  /** further virtual hosts of the broker */
  vhosts?: string[];
  /** settings of the services; without a log level here, they log errors only */
  settings?: Record<string, string>;
  quietly?: boolean;
}

/** The real servers and services, started for one run on free ports. */
export interface OwnSystem {
  dir: string;
  plan: Plan;
  environment: StackEnvironment;
  /** the process of a part; undefined while the part does not run */
  pidOf(part: PartName): number | undefined;
  /** Stops every part and deletes the data. */
  stop(): Promise<void>;
}

/**
 * Starts a system and waits until all of it is ready. Throws StackError with everything stopped.
 */
export async function startOwnSystem(
  { stop, hurry }: Interrupts,
  { dir: name, vhosts = [], settings, quietly = true }: OwnSystemOptions,
): Promise<OwnSystem> {
  const dir = join(ROOT, name);
  const stopAll = async () => {
    await stopStack(dir, { wipe: true, hurry, quietly: true });
  };
  await stopAll();
  const basePort = await findFreePorts(PORTS.length);
  const { PATH = "", HOME = "" } = process.env;
  const inherited = { PATH, HOME, LOG_LEVEL: "error", ...settings };
  const config = { dir, basePort, partitions: undefined, external: {}, inherited };
  const { plan } = await startStack(config, { interrupted: stop, hurry, quietly, vhosts });
  return {
    dir,
    plan,
    environment: environmentOf(plan),
    pidOf: (part) => runningProcess(dir, part)?.pid,
    stop: stopAll,
  };
}
