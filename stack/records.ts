import { readdirSync, rmSync } from "node:fs";
import { dirname, parse } from "node:path";
import { paths } from "./layout.ts";
import { isAlive, ProcessId } from "./processes.ts";
import { readState, writeState } from "./state-file.ts";

/** The process of a part, if it runs. Whatever has its pid now but started at another time is not it. */
export function runningProcess(dir: string, name: string): ProcessId | undefined {
  const id = readState(paths.record(dir, name), ProcessId);
  return id && isAlive(id) ? id : undefined;
}

export function recordProcess(dir: string, name: string, id: ProcessId): void {
  writeState(paths.record(dir, name), id);
}

/** Forgets a process, unless another one was recorded under the name meanwhile. */
export function forgetProcess(dir: string, name: string, id: ProcessId): void {
  const path = paths.record(dir, name);
  if (readState(path, ProcessId)?.startTicks === id.startTicks) rmSync(path, { force: true });
}

/** The names under which a process of this directory is running now. */
export function runningNames(dir: string): string[] {
  return recordedNames(dir).filter((name) => runningProcess(dir, name));
}

function recordedNames(dir: string): string[] {
  try {
    return readdirSync(dirname(paths.record(dir, "any"))).flatMap((file) => {
      const { name, ext } = parse(file);
      return ext === ".json" ? [name] : [];
    });
  } catch {
    return [];
  }
}
