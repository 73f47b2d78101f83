import { cpuSecondsOf } from "../cpu.ts";
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
