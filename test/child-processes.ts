import { dlopen } from "bun:ffi";
import { readdirSync, readFileSync } from "node:fs";
import { identify, isAlive, type ProcessId } from "../stack/processes.ts";

const PR_SET_CHILD_SUBREAPER = 36;

/**
 * From now on a process whose parent has ended becomes a child of this one, however far down it was started and whatever it
 * did to leave its family, so that `liveChildren` finds it.
 */
export function adoptOrphans(): void {
  const libc = dlopen("libc.so.6", { prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" } });
  const failed = libc.symbols.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n);
  libc.close();
  if (failed) throw new Error("this system gives no process its orphaned descendants");
}

export interface ChildProcess {
  id: ProcessId;
  command: string;
}

/** The processes that run now and have this one as their parent. */
export function liveChildren(): ChildProcess[] {
  const pids = readdirSync("/proc/self/task").flatMap((thread) =>
    read(`/proc/self/task/${thread}/children`).trim().split(" ").filter(Boolean),
  );
  return pids.flatMap((pid) => {
    const id = identify(Number(pid));
    if (!id || !isAlive(id)) return [];
    return [{ id, command: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim() }];
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
