import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import * as z from "zod";
import { paths } from "./layout.ts";
import { tryLockFile } from "./libc.ts";
import { identify, isAlive, ProcessId } from "./processes.ts";
import { StackError } from "./stack-error.ts";

const Holder = z.object({ id: ProcessId, doing: z.string() });
export type Holder = z.infer<typeof Holder>;

/**
 * Makes this process the only one that starts or stops parts of a stack. Gives the function that
 * releases the lock; the kernel releases it when the process dies. Throws StackError that names the
 * current holder.
 */
export function lockStack(dir: string, doing: string): () => void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const fd = openSync(paths.lock(dir), "a", 0o600);
  if (!tryLockFile(fd)) {
    closeSync(fd);
    throw heldBy(lockHolder(dir), dir);
  }
  tellHolder(fd, doing);
  // The file stays. If it were removed, the next two commands could each lock their own file.
  return () => {
    ftruncateSync(fd);
    closeSync(fd);
  };
}

/**
 * Names the holder. The lock is the kernel's: on a full disk it holds, and only the name is
 * missing.
 */
function tellHolder(fd: number, doing: string): void {
  ftruncateSync(fd);
  try {
    writeSync(fd, JSON.stringify({ id: identify(process.pid), doing }));
  } catch {
    ftruncateSync(fd);
  }
}

/** The process that starts or stops parts of the stack now. */
export function lockHolder(dir: string): Holder | undefined {
  try {
    const holder = Holder.parse(JSON.parse(readFileSync(paths.lock(dir), "utf8")));
    return isAlive(holder.id) ? holder : undefined;
  } catch {
    // The lock is free, or its holder has not written its name yet.
    return undefined;
  }
}

function heldBy(holder: Holder | undefined, dir: string): StackError {
  const who = holder ? `${holder.doing} (pid ${holder.id.pid})` : "another command";
  return new StackError(`${who} is at work on ${dir}: wait for it, or stop it with Ctrl-C there`);
}
