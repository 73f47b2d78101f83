import { cpuMsOf, readProc } from "./processes.ts";
import type { Measure, SideBySide } from "./stage.ts";

interface Closing {
  close(): Promise<unknown>;
}

/** A measured process. */
interface Program extends Closing {
  pid: number;
}

/**
 * Measures two processes at the same time on the last core, each by its work per second of its own
 * CPU. A virtual machine's core changes its pace by half within moments, as its host is busy. Here
 * the scheduler alternates both every few milliseconds, so both meet the same pace. Two copies of
 * one program, measured one after the other for a second each, differed by up to a factor of 1.17.
 *
 * @param loadOf loads a side and counts its work
 * @param helpers whatever both sides use; closed after them
 */
export function onOneCore<Side extends Program>(
  { ours, bare }: { ours: Side; bare: Side },
  loadOf: (side: Side) => Measure,
  ...helpers: Closing[]
): SideBySide {
  return {
    async both(seconds) {
      const cores = allowedCores();
      keepOn(/\d+$/.exec(cores)?.[0] ?? cores, ours, bare);
      try {
        const rateOf = (side: Side) => perCpuSecond(side, loadOf(side), seconds);
        const [oursPerS, barePerS] = await Promise.all([rateOf(ours), rateOf(bare)]);
        return { ours: oursPerS, bare: barePerS };
      } finally {
        keepOn(cores, ours, bare);
      }
    },
    async close() {
      for (const opened of [ours, bare, ...helpers]) await opened.close();
    },
  };
}

async function perCpuSecond({ pid }: Program, load: Measure, seconds: number): Promise<number> {
  const beforeMs = cpuMsOf(pid);
  const perSecond = await load(seconds);
  return (1_000 * perSecond * seconds) / (cpuMsOf(pid) - beforeMs);
}

/** The cores that this process and its children may use, as `0-1` or `0,2-3`. */
function allowedCores(): string {
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(readProc("self", "status"))?.[1] ?? "0";
}

/** Binds processes, with all their threads, to some cores. */
function keepOn(cores: string, ...processes: Program[]): void {
  for (const { pid } of processes) {
    const { exitCode, stderr } = Bun.spawnSync(["taskset", "-a", "-c", "-p", cores, `${pid}`]);
    if (exitCode !== 0)
      throw new Error(`taskset -a -c -p ${cores} ${pid}: ${stderr.toString().trim()}`);
  }
}
