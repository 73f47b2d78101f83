import { readdirSync, readFileSync } from "node:fs";
import { identify, type ProcessId } from "../stack/processes.ts";

/** The environment name that marks every process a test run has started, however deep. */
export const RUN_MARK = "LECTERN_TEST_RUN";

export interface Orphan {
  id: ProcessId;
  command: string;
}

/** The processes that carry a run's mark, without this one. Those that were given another environment are not seen. */
export function orphansOf(run: string): Orphan[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.flatMap((pid) => {
    const isMarked = read(`/proc/${pid}/environ`).split("\0").includes(`${RUN_MARK}=${run}`);
    const id = isMarked ? identify(Number(pid)) : undefined;
    return id ? [{ id, command: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim() }] : [];
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
