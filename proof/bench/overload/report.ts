import { quantile, rounded } from "../figures.ts";
import type { Pressed } from "../load/press.ts";
import type { metered } from "../processes.ts";
import type { OverloadOptions } from "./options.ts";

/** A client's longest wait for an answer, in milliseconds: a later answer is no success. */
export const BUDGET_MS = 5_000;

/** A bar for the origin, and whether the origin reached it. */
export interface Bar {
  what: string;
  wanted: string;
  found: string;
  reached: boolean;
}

export interface Phase {
  name: string;
  perSecond: { offered: number; arrived: number; good: number; shed: number; other: number };
  p50Ms: number;
  p99Ms: number;
  rssMb: number;
  /** the CPU of the origin, and of RabbitMQ and ZooKeeper together; 1 is a whole CPU */
  cpu: { origin: number; servers: number };
}

export interface OverloadReport extends Omit<OverloadOptions, "json"> {
  peakPerSecond: number;
  phases: Phase[];
  /**
   * seconds from the end of the overload to the first second of good answers alone; undefined:
   * never
   */
  recoveredAfterS: number | undefined;
  /** the generator's share of one CPU during the overload */
  generatorCpu: number;
  bars: Bar[];
}

/** The commands queued and answered in time with their times, and those refused by the door. */
export function outcomesOf({ answers, timesMs }: Pressed): { goodMs: number[]; shed: number } {
  const queuedMs = timesMs["200 queued"] ?? [];
  return {
    goodMs: queuedMs.filter((ms) => ms <= BUDGET_MS),
    shed: answers["503 overloaded"] ?? 0,
  };
}

/** @param rssMb the memory of the origin */
export function phaseOf(
  name: string,
  { result: pressed, seconds, cpu }: Awaited<ReturnType<typeof metered<Pressed>>>,
  rssMb: number,
  offeredPerS = pressed.count / pressed.seconds,
): Phase {
  const rate = (count: number) => Math.round(count / pressed.seconds);
  const cpus = (ms: number) => rounded(ms / seconds / 1_000, 2);
  const { goodMs, shed } = outcomesOf(pressed);
  return {
    name,
    perSecond: {
      offered: Math.round(offeredPerS),
      arrived: Math.round(offeredPerS - pressed.unsent / pressed.seconds),
      good: rate(goodMs.length),
      shed: rate(shed),
      other: rate(pressed.count - goodMs.length - shed),
    },
    p50Ms: Math.round(quantile(goodMs, 0.5)),
    p99Ms: Math.round(quantile(goodMs, 0.99)),
    rssMb,
    cpu: {
      origin: cpus(cpu.parts.origin),
      servers: cpus(cpu.parts.rabbitmq + cpu.parts.zookeeper),
    },
  };
}

export function judge(
  peak: number,
  thirds: Phase[],
  { recoveredAfterS }: Pick<OverloadReport, "recoveredAfterS">,
): Bar[] {
  const goodput = thirds.reduce((sum, { perSecond }) => sum + perSecond.good, 0) / thirds.length;
  const share = Math.round((100 * goodput) / peak);
  const [first, last] = [thirds[0]?.rssMb ?? 0, thirds.at(-1)?.rssMb ?? 0];
  return [
    {
      what: "goodput under overload",
      wanted: "≥ 90 % of the peak",
      found: `${share} %`,
      reached: share >= 90,
    },
    {
      what: "memory of the origin",
      wanted: "last third ≤ 1.25 × the first",
      found: `${first} → ${last} MB`,
      reached: last > 0 && last <= 1.25 * first,
    },
    {
      what: "normal again",
      wanted: "≤ 10 s after",
      found: recoveredAfterS === undefined ? "not seen" : `in second ${recoveredAfterS}`,
      reached: recoveredAfterS !== undefined && recoveredAfterS <= 10,
    },
  ];
}
