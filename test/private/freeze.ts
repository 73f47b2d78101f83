import { readdirSync, readFileSync } from "node:fs";

/** Longer than any kernel takes to stop a process on a busy machine, in milliseconds. */
const STOPS_WITHIN_MS = 10_000;

/**
 * Silences a process: on return none of its threads runs. SIGSTOP alone reaches the threads of a
 * busy machine one by one, and a thread may answer once more. Throws Error after 10 s.
 */
export function freeze(child: Bun.Subprocess): void {
  child.kill("SIGSTOP");
  const endsAtMs = performance.now() + STOPS_WITHIN_MS;
  while (!isStopped(child.pid)) {
    if (performance.now() > endsAtMs) throw new Error(`process ${child.pid} does not stop`);
    Bun.sleepSync(1);
  }
}

/** Whether every thread of a process is in the kernel's state T: see proc(5). */
function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) => {
    const stat = statOf(pid, thread);
    return stat === undefined || stat.slice(stat.lastIndexOf(")") + 2).startsWith("T");
  });
}

/** Undefined for a thread that has ended since it was listed. */
function statOf(pid: number, thread: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
  } catch {
    return undefined;
  }
}
