import { linkSync, mkdirSync, renameSync, rmSync } from "node:fs";
import * as z from "zod";
import { paths } from "./layout.ts";
import { identify, isAlive, ProcessId } from "./processes.ts";
import { StackError } from "./stack-error.ts";
import { readState, writeState } from "./state-file.ts";

const Holder = z.object({ id: ProcessId, doing: z.string() });
export type Holder = z.infer<typeof Holder>;

/**
 * Makes this process the only one that starts or stops parts of a stack. Answers the function that gives the lock back.
 * Throws StackError that names the holder while another process has it; the lock of a dead one is taken over.
 */
export function lockStack(dir: string, doing: string): () => void {
  const path = paths.lock(dir);
  const id = identify(process.pid);
  if (!id) throw new Error("this process has no entry in /proc");
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeState(draft, { id, doing });
  try {
    if (!tryLink(draft, path)) {
      removeDeadLock(dir);
      if (!tryLink(draft, path)) throw heldBy(lockHolder(dir), dir);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => rmSync(path, { force: true });
}

/** Who starts or stops parts of the stack at this moment. */
export function lockHolder(dir: string): Holder | undefined {
  const holder = readState(paths.lock(dir), Holder);
  return holder && isAlive(holder.id) ? holder : undefined;
}

function tryLink(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch {
    return false;
  }
}

/** Moves it aside before removing it: if another process took the lock over in between, that one is put back. */
function removeDeadLock(dir: string): void {
  const holder = lockHolder(dir);
  if (holder) throw heldBy(holder, dir);
  const [path, aside] = [paths.lock(dir), `${paths.lock(dir)}.dead.${process.pid}`];
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readState(aside, Holder);
  if (moved && isAlive(moved.id)) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function heldBy(holder: Holder | undefined, dir: string): StackError {
  const who = holder ? `${holder.doing} (pid ${holder.id.pid})` : "another command";
  return new StackError(`${who} is at work on ${dir}: wait for it, or stop it with Ctrl-C there`);
}
