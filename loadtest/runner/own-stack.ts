import { join } from "node:path";
import { stopStack } from "../../stack/down.ts";
import { environmentOf } from "../../stack/environment.ts";
import type { Interrupts } from "../../stack/interrupts.ts";
import { PORTS, ROOT } from "../../stack/layout.ts";
import { findFreePorts } from "../../stack/ports.ts";
import { startStack } from "../../stack/up.ts";
import type { LoadTarget } from "./run.ts";

const DIR = join(ROOT, ".stack-load");

/**
 * Starts a system of the run's own on free ports and waits until all of it is ready; `quietly` writes nothing. Throws StackError, with
 * everything stopped.
 */
export async function startOwnStack(
  { stop, hurry }: Interrupts,
  { quietly }: { quietly: boolean },
): Promise<LoadTarget & { stop(): Promise<void> }> {
  const stopAll = async () => {
    await stopStack(DIR, { wipe: true, hurry, quietly: true });
  };
  await stopAll();
  const basePort = await findFreePorts(PORTS.length);
  const inherited = { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", LOG_LEVEL: "error" };
  const config = { dir: DIR, basePort, partitions: undefined, external: {}, inherited };
  const { plan } = await startStack(config, { interrupted: stop, hurry, quietly });
  return { dir: DIR, environment: environmentOf(plan), stop: stopAll };
}
