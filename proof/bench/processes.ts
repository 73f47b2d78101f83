import { readFileSync } from "node:fs";
import type { PartName } from "../../stack/layout.ts";
import type { OwnSystem } from "../kit/own-system.ts";

/** Every process that a reservation passes, with its name in the tables of every language. */
export const PART_TITLES = {
  edge: "edge",
  "redis-http": "Redis HTTP",
  redis: "Redis",
  origin: "origin",
  zookeeper: "ZooKeeper",
  rabbitmq: "RabbitMQ",
  worker: "worker",
  mysql: "MySQL",
} as const satisfies Partial<Record<PartName, string>>;
export type MeasuredPart = keyof typeof PART_TITLES;
export const PARTS = Object.keys(PART_TITLES) as MeasuredPart[];

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

/** Operations per second, and the CPU of one. */
export interface Rate {
  perS: number;
  cpuMs: CpuUsed;
}

type Processes = Pick<OwnSystem, "pidOf">;

/** The result of a piece of work, its time, and the CPU that every process used meanwhile. */
export async function metered<Result>(
  system: Processes,
  work: () => Promise<Result>,
): Promise<{ result: Result; seconds: number; cpu: CpuUsed }> {
  const [before, own, machine] = [readAll(system, cpuMsOf), process.cpuUsage(), machineCpuMs()];
  const startedMs = performance.now();
  const result = await work();
  const seconds = (performance.now() - startedMs) / 1_000;
  const now = readAll(system, cpuMsOf);
  const parts = eachPart((part) => Math.max(0, now[part] - before[part]));
  const { user, system: kernel } = process.cpuUsage(own);
  const [ours, generator] = [sum(parts), (user + kernel) / 1_000];
  const others = Math.max(0, machineCpuMs() - machine - ours - generator);
  return { result, seconds, cpu: { parts, system: ours, generator, others } };
}

/** Every process' use in `seconds` without work, in milliseconds of CPU per second. */
export async function idleMsPerS(system: Processes, seconds: number): Promise<ByPart> {
  await Bun.sleep(1_000);
  const { cpu } = await metered(system, () => Bun.sleep(seconds * 1_000));
  return eachPart((part) => cpu.parts[part] / seconds);
}

/** The use per operation, in milliseconds; with `idle`, minus the parts' idle use in `seconds`. */
export function cpuPerOperation(
  used: CpuUsed,
  operations: number,
  idle?: { perS: ByPart; seconds: number },
): CpuUsed {
  const parts = eachPart(
    (part) =>
      Math.max(0, used.parts[part] - (idle ? idle.perS[part] * idle.seconds : 0)) / operations,
  );
  return {
    parts,
    system: sum(parts),
    generator: used.generator / operations,
    others: used.others / operations,
  };
}

/** The memory of every process, in megabytes. */
export function rssMbOf(system: Processes): ByPart {
  return readAll(system, (pid) =>
    Math.round(Number(/VmRSS:\s+(\d+)/.exec(readProc(pid, "status"))?.[1] ?? 0) / 1_024),
  );
}

export function eachPart(figureOf: (part: MeasuredPart) => number): ByPart {
  return Object.fromEntries(PARTS.map((part) => [part, figureOf(part)])) as ByPart;
}

/** A part that does not run has the figure 0. */
function readAll(system: Processes, read: (pid: number) => number): ByPart {
  return eachPart((part) => {
    const pid = system.pidOf(part);
    return pid === undefined ? 0 : read(pid);
  });
}

export function sum(parts: ByPart): number {
  return Object.values(parts).reduce((total, figure) => total + figure, 0);
}

/**
 * The CPU time of a process and its threads so far, in milliseconds; Linux counts in hundredths of
 * a second. User and kernel time are the 14th and 15th field: the 12th and 13th after the name in
 * parentheses.
 */
export function cpuMsOf(pid: number): number {
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

/** Empty if the process has just ended. */
export function readProc(pid: number | "self", file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
