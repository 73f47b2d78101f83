import colors from "picocolors";
import type { Interrupts } from "./interrupts.ts";
import { lockHolder, lockStack } from "./lock.ts";
import { describeEnding, type Ending } from "./processes.ts";
import { complaintIn } from "./program-log.ts";
import type { StartedPart } from "./start-part.ts";
import { stopParts } from "./stop-parts.ts";

/**
 * Waits for an interrupt, then drains the started parts and gives true. A part that ends by itself
 * is reported, and the others go on: the system is built to survive it. Returns early when all
 * parts have ended: true when another command has stopped them.
 */
export async function stayInFront(
  dir: string,
  started: StartedPart[],
  interrupts: Interrupts,
): Promise<boolean> {
  const { stop, hurry } = interrupts;
  const endings = started.map((child) =>
    child.ended.then((ending) => onEnding(dir, child, ending, stop)),
  );
  const interrupted = new Promise<void>((resolve) =>
    stop.addEventListener("abort", () => resolve()),
  );
  await Promise.race([interrupted, Promise.all(endings)]);
  if (!stop.aborted) return tellWhyNothingIsLeft(dir);
  console.log("\nstopping …");
  const unlock = lockIfFree(dir);
  await stopParts(dir, started, { hurry });
  unlock();
  return true;
}

function tellWhyNothingIsLeft(dir: string): boolean {
  const stopped = isBeingStopped(dir);
  console.log(
    stopped ? "stopped by another command" : "nothing that this command has started is left",
  );
  return stopped;
}

function onEnding(
  dir: string,
  { part, id, output }: StartedPart,
  ending: Ending,
  stop: AbortSignal,
): void {
  if (stop.aborted || isBeingStopped(dir)) return;
  const what = `${part.name} (pid ${id.pid}) ${describeEnding(ending)}: ${complaintIn(output)}`;
  console.error(`${colors.red("✖")} ${what}\n  npm start in another terminal starts it again`);
}

/** Whether another command holds the stack's lock to stop it. */
function isBeingStopped(dir: string): boolean {
  const holder = lockHolder(dir);
  return holder?.doing === STOPPING && holder.id.pid !== process.pid;
}

/** The lock's text while a stack is being stopped. */
export const STOPPING = "npm run down";

/**
 * Takes the lock if it is free. A command that starts parts now leaves ours alone, so its lock does
 * not matter.
 */
function lockIfFree(dir: string): () => void {
  try {
    return lockStack(dir, STOPPING);
  } catch {
    return () => undefined;
  }
}
