import { readFileSync } from "node:fs";

/**
 * The CPU time of a process and its threads so far, in seconds; 0 for a missing process. Linux
 * counts in hundredths. User and kernel time are the 14th and 15th field, after the name in
 * parentheses.
 */
export function cpuSecondsOf(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}
