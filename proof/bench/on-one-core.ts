import { readFileSync } from "node:fs";
import { cpuSecondsOf } from "./cpu.ts";
import type { Measure, SideBySide } from "./stage.ts";

/** A process, and a function that loads it and counts its work. */
export interface Loaded {
  pid: number;
  load: Measure;
}

/**
 * Measures two processes at the same time on the last core, each by its work per second of its own
 * CPU. A virtual machine's core changes its pace by half within moments, as its host is busy. Here
 * the scheduler alternates both every few milliseconds, so both meet the same pace. Two copies of
 * one program, measured one after the other for a second each, differed by up to a factor of 1.17.
 */
export function onOneCore(ours: Loaded, bare: Loaded): SideBySide["both"] {
  return async (seconds) => {
    const cores = allowedCores();
    keepOn(/\d+$/.exec(cores)?.[0] ?? cores, ours, bare);
    try {
      const [oursPerS, barePerS] = await Promise.all([
        perCpuSecond(ours, seconds),
        perCpuSecond(bare, seconds),
      ]);
      return { ours: oursPerS, bare: barePerS };
    } finally {
      keepOn(cores, ours, bare);
    }
  };
}

async function perCpuSecond({ pid, load }: Loaded, seconds: number): Promise<number> {
  const before = cpuSecondsOf(pid);
  const perSecond = await load(seconds);
  return (perSecond * seconds) / (cpuSecondsOf(pid) - before);
}

/** The cores that this process and its children may use, as `0-1` or `0,2-3`. */
function allowedCores(): string {
  const status = readFileSync("/proc/self/status", "utf8");
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "0";
}

/** Binds processes, with all their threads, to some cores. */
function keepOn(cores: string, ...processes: Loaded[]): void {
  for (const { pid } of processes) {
    const { exitCode, stderr } = Bun.spawnSync(["taskset", "-a", "-c", "-p", cores, `${pid}`]);
    if (exitCode !== 0)
      throw new Error(`taskset -a -c -p ${cores} ${pid}: ${stderr.toString().trim()}`);
  }
}
