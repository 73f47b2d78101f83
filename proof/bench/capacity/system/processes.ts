import { readFileSync } from "node:fs";
import { type CapacitySystem, type MeasuredPart, PARTS } from "./system.ts";

/** A figure for each process of the system. */
export type ByPart = Record<MeasuredPart, number>;

/** The CPU use of every process and of the load generator, in milliseconds. */
export interface CpuUsed {
  parts: ByPart;
  /** of all parts together */
  system: number;
  /** of this process, which generates the load on the same machine */
  generator: number;
  /** of all unrelated programs on the machine */
  others: number;
}

/**
 * Starts counting. Returns a function that reads the use since. Linux counts in hundredths of a
 * second.
 */
export function countCpu(system: CapacitySystem): () => CpuUsed {
  const [before, own, machine] = [readAll(system, cpuMsOf), process.cpuUsage(), machineCpuMs()];
  return () => {
    const now = readAll(system, cpuMsOf);
    const parts = eachPart((part) => Math.max(0, now[part] - before[part]));
    const { user, system: kernel } = process.cpuUsage(own);
    const [ours, generator] = [sum(parts), (user + kernel) / 1_000];
    const others = Math.max(0, machineCpuMs() - machine - ours - generator);
    return { parts, system: ours, generator, others };
  };
}

/** The use per operation, in milliseconds; with `idle`, minus the parts' idle use in `seconds`. */
export function cpuPerOperation(
  used: CpuUsed,
  operations: number,
  idle?: { perS: ByPart; seconds: number },
): CpuUsed {
  const each = (part: MeasuredPart) =>
    Math.max(0, used.parts[part] - (idle ? idle.perS[part] * idle.seconds : 0)) / operations;
  const parts = eachPart(each);
  return {
    parts,
    system: sum(parts),
    generator: used.generator / operations,
    others: used.others / operations,
  };
}

/** The memory of every process, in megabytes. */
export function rssMbOf(system: CapacitySystem): ByPart {
  return readAll(system, rssMbOfProcess);
}

export function eachPart(figureOf: (part: MeasuredPart) => number): ByPart {
  return Object.fromEntries(PARTS.map((part) => [part, figureOf(part)])) as ByPart;
}

function readAll(system: CapacitySystem, read: (pid: number) => number): ByPart {
  return eachPart((part) => {
    const pid = system.pidOf(part);
    return pid === undefined ? 0 : read(pid);
  });
}

function sum(parts: ByPart): number {
  return Object.values(parts).reduce((total, figure) => total + figure, 0);
}

/**
 * User and kernel time are the 14th and 15th field: the 12th and 13th after the name in
 * parentheses.
 */
function cpuMsOf(pid: number): number {
  const stat = readProc(pid, "stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
}

/** All use of any core: user, nice and kernel time, and interrupts. */
function machineCpuMs(): number {
  const line = readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "";
  const [user = 0, nice = 0, kernel = 0, , , interrupts = 0, softInterrupts = 0] = line
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + kernel + interrupts + softInterrupts) * 10;
}

function rssMbOfProcess(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readProc(pid, "status"))?.[1] ?? 0) / 1_024);
}

/** Empty if the process has just ended. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
