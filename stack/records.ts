import { readdirSync, rmSync } from "node:fs";
import { dirname, parse } from "node:path";
import * as z from "zod";
import { paths } from "./layout.ts";
import { isAlive, ProcessId } from "./processes.ts";
import { readState, writeState } from "./state-file.ts";

const Recorded = ProcessId.extend({
  /** whether the part has been ready: a start no longer grants it the time to come up */
  wasReady: z.boolean().optional(),
});
export type Recorded = z.infer<typeof Recorded>;

/** The process of a part, if it runs. A later process with the same pid does not count. */
export function runningProcess(dir: string, name: string): Recorded | undefined {
  const recorded = readState(paths.record(dir, name), Recorded);
  return recorded && isAlive(recorded) ? recorded : undefined;
}

export function recordProcess(dir: string, name: string, recorded: Recorded): void {
  writeState(paths.record(dir, name), recorded);
}

/** Forgets a process, unless another one has been recorded under the name since. */
export function forgetProcess(dir: string, name: string, id: ProcessId): void {
  const path = paths.record(dir, name);
  if (readState(path, ProcessId)?.startTicks === id.startTicks) rmSync(path, { force: true });
}

/** The names of the running processes of this directory. */
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
