import { readFileSync } from "node:fs";
import type { Measure } from "../stage.ts";

/**
 * Makes of a rate what a process does in a second of its own CPU: telemetry costs CPU and nothing else, and whatever else the machine does
 * meanwhile does not show in it.
 */
export function perCpuSecond(pid: number, measure: Measure): Measure {
  return async (seconds) => {
    const before = cpuSecondsOf(pid);
    const perSecond = await measure(seconds);
    return (perSecond * seconds) / (cpuSecondsOf(pid) - before);
  };
}

/** User and kernel time of a process so far. Linux counts hundredths; the fields stand behind the name in parentheses. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
