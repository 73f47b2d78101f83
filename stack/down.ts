import { rmSync } from "node:fs";
import { join } from "node:path";
import { STOPPING } from "./in-front.ts";
import { paths } from "./layout.ts";
import { lockHolder, lockStack } from "./lock.ts";
import { stop } from "./processes.ts";
import { runningParts, type StopOptions, stopParts } from "./stop-parts.ts";

/** How long a start in progress may take to stop its parts, in milliseconds. */
const START_ENDS_WITHIN_MS = 60_000;

/**
 * Stops all running parts of a stack, and a start in progress. With `wipe`, then drops data and
 * secrets. Gives the number of processes. Throws StackError when a process could not be ended;
 * nothing is dropped then.
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

/** Removes by name, since a mistaken LECTERN_STACK_DIR may hold other files. The logs stay. */
function dropData(dir: string): void {
  const owned = [join(dir, "data"), join(dir, "run"), join(dir, "wrangler"), paths.bundle(dir)];
  for (const path of [...owned, paths.secrets(dir), paths.settings(dir)])
    rmSync(path, { recursive: true, force: true });
}
