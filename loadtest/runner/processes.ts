import { readdirSync, readFileSync } from "node:fs";
import { type PartName, PORTS } from "../../stack/layout.ts";
import { runningProcess } from "../../stack/records.ts";

/** The use of one process of the system during a run. Memory is what it holds in RAM, in MiB. */
export interface Spent {
  name: string;
  cpuSeconds: number;
  memoryMib: { before: number; peak: number; after: number };
}

/** One look at every process: a figure's name (`edge memory`, `edge files`) → its value. */
export type Sample = Record<string, number>;

export interface ProcessWatch {
  samples(): Sample[];
  stop(): void;
  /** the use from the start of the watch to now */
  spent(): Spent[];
}

interface Look {
  cpuSeconds: number;
  memoryMib: number;
  files: number;
}

/**
 * Watches the stack's processes in `dir` from now on, every `everyMs` milliseconds. Processes
 * outside the stack are not seen.
 */
export function watchProcesses(dir: string, everyMs: number): ProcessWatch {
  const first = lookAtAll(dir);
  const looks = [first];
  const watching = setInterval(() => looks.push(lookAtAll(dir)), everyMs);
  return {
    samples: () => looks.map(sampleOf),
    stop: () => clearInterval(watching),
    spent() {
      const last = lookAtAll(dir);
      looks.push(last);
      return [...last].map(([name, { cpuSeconds, memoryMib: after }]) => {
        const before = first.get(name);
        const peak = Math.max(...looks.map((look) => look.get(name)?.memoryMib ?? 0));
        return {
          name,
          cpuSeconds: cpuSeconds - (before?.cpuSeconds ?? 0),
          memoryMib: { before: before?.memoryMib ?? 0, peak, after },
        };
      });
    },
  };
}

function sampleOf(look: Map<string, Look>): Sample {
  const figures = [...look].flatMap(([name, { memoryMib, files }]) => [
    [`${name} memory`, memoryMib],
    [`${name} files`, files],
  ]);
  return Object.fromEntries(figures);
}

/** How many files the process of a part may hold at once; undefined if unknown. */
export function filesMax(dir: string, part: PartName): number | undefined {
  try {
    const limits = readFileSync(`/proc/${runningProcess(dir, part)?.pid}/limits`, "utf8");
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN) || undefined;
  } catch {
    return undefined;
  }
}

function lookAtAll(dir: string): Map<string, Look> {
  const looks = PORTS.flatMap((name): [string, Look][] => {
    const look = lookAt(runningProcess(dir, name)?.pid);
    return look ? [[name, look]] : [];
  });
  return new Map(looks);
}

/** Undefined if there is no such process any more. */
function lookAt(pid: number | undefined): Look | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Linux counts in hundredths of a second. User and kernel time are fields 14 and 15, after the
    // name in parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
      memoryMib: Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024),
      files: readdirSync(`/proc/${pid}/fd`).length,
    };
  } catch {
    return undefined;
  }
}
