import { rmSync } from "node:fs";
import { join } from "node:path";
import { STOPPING } from "./in-front.ts";
import { paths } from "./layout.ts";
import { lockHolder, lockStack } from "./lock.ts";
import { stop } from "./processes.ts";
import { runningParts, type StopOptions, stopParts } from "./stop-parts.ts";

/** How long a start that is under way may take to stop what it has started. */
const START_ENDS_WITHIN_MS = 60_000;

/**
 * Stops all that runs of a stack, a start that is under way included. With `wipe`, drops its data and secrets then. Answers
 * how many processes there were. Throws StackError when one could not be ended; nothing is dropped then.
 */
export async function stopStack(
  dir: string,
  { wipe, ...how }: { wipe: boolean } & StopOptions,
): Promise<number> {
  const holder = lockHolder(dir);
  if (holder && holder.doing !== STOPPING) await stop(holder.id, START_ENDS_WITHIN_MS, how.hurry);
  const unlock = lockStack(dir, STOPPING);
  try {
    const running = runningParts(dir);
    await stopParts(dir, running, how);
    if (wipe) dropData(dir);
    return running.length;
  } finally {
    unlock();
  }
}

/** By name, since a mistaken LECTERN_STACK_DIR may hold other things. The logs stay. */
function dropData(dir: string): void {
  const owned = [join(dir, "data"), join(dir, "run"), join(dir, "wrangler"), paths.bundle(dir)];
  for (const path of [...owned, paths.secrets(dir), paths.settings(dir)])
    rmSync(path, { recursive: true, force: true });
}
