import { readFileSync } from "node:fs";
import { cpuSecondsOf } from "./cpu.ts";
import type { Measure, SideBySide } from "./stage.ts";

/** A process, and what has it work and counts that. */
export interface Loaded {
  pid: number;
  load: Measure;
}

/**
 * Measures two processes at the same time on the last core, in what each does in a second of its own CPU. A core of a virtual machine changes its
 * pace by half from one moment to the next, as its host is busy; here the scheduler has both take turns of a few milliseconds, so that both meet the
 * same. Of two that are the same program, measured one after the other for a second each, one took up to 1.17 times what the other took.
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

/** The cores that this process may run on, and what it starts, as `0-1` or `0,2-3`. */
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
