import { readdirSync, readFileSync } from "node:fs";
import { identify, isAlive, type ProcessId } from "../stack/processes.ts";

export interface ChildProcess {
  id: ProcessId;
  command: string;
}

/** The running processes whose parent is this one. */
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
