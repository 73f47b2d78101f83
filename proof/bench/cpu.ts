import { readFileSync } from "node:fs";

/**
 * The CPU time a process and its threads have used so far, in seconds; 0 where there is no such process any more. Linux counts in
 * hundredths; user and kernel time are the 14th and 15th field, after the name in parentheses.
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
