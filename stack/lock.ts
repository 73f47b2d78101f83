import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import * as z from "zod";
import { paths } from "./layout.ts";
import { tryLockFile } from "./libc.ts";
import { identify, isAlive, ProcessId } from "./processes.ts";
import { StackError } from "./stack-error.ts";

const Holder = z.object({ id: ProcessId, doing: z.string() });
export type Holder = z.infer<typeof Holder>;

/**
 * Makes this process the only one that starts or stops parts of a stack. Answers the function that gives the lock back; the
 * kernel does so for a process that dies. Throws StackError that names the holder while another process has it.
 */
export function lockStack(dir: string, doing: string): () => void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const fd = openSync(paths.lock(dir), "a", 0o600);
  if (!tryLockFile(fd)) {
    closeSync(fd);
    throw heldBy(lockHolder(dir), dir);
  }
  tellHolder(fd, doing);
  // The file stays: if it were removed, the next two commands could each lock a file of their own.
  return () => {
    ftruncateSync(fd);
    closeSync(fd);
  };
}

/** The lock is the kernel's: on a full disk it is held all the same, and only its holder is not told. */
function tellHolder(fd: number, doing: string): void {
  ftruncateSync(fd);
  try {
    writeSync(fd, JSON.stringify({ id: identify(process.pid), doing }));
  } catch {
    ftruncateSync(fd);
  }
}

/** Who starts or stops parts of the stack at this moment. */
export function lockHolder(dir: string): Holder | undefined {
  try {
    const holder = Holder.parse(JSON.parse(readFileSync(paths.lock(dir), "utf8")));
    return isAlive(holder.id) ? holder : undefined;
  } catch {
    // Nobody has locked it, or somebody is just about to.
    return undefined;
  }
}

function heldBy(holder: Holder | undefined, dir: string): StackError {
  const who = holder ? `${holder.doing} (pid ${holder.id.pid})` : "another command";
  return new StackError(`${who} is at work on ${dir}: wait for it, or stop it with Ctrl-C there`);
}
