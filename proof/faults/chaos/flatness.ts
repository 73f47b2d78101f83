import pc from "picocolors";
import { tableText } from "../../kit/table.ts";
import { serviceNames } from "../system/links.ts";
import type { Holdings } from "./holdings.ts";

/** A figure's change from the first third of a soak, after the warm-up, to its last third. */
export interface Trend {
  name: string;
  /** medians */
  early: number;
  late: number;
  /**
   * the permitted rise of `late` over `early`; undefined where growth is no fault, as in a server's
   * cache
   */
  mayGrowBy: number | undefined;
  isFlat: boolean;
}

const WARM_UP_SHARE = 0.2;
/**
 * The memory of Lectern's services may grow by a fifth or by this much, whichever is more: heaps
 * breathe.
 */
const MEMORY_GROWTH = { share: 0.2, mib: 30 };
/**
 * Counts may differ by a tenth or by this number, whichever is more: connections follow the current
 * load.
 */
const COUNT_GROWTH = { share: 0.1, count: 3 };

/** Judges every figure. A trend needs at least six samples. */
export function judgeFlatness(samples: Holdings[]): Trend[] {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const third = Math.max(1, Math.floor(warm.length / 3));
  return Object.keys(samples[0] ?? {}).map((name) => {
    const early = median(warm.slice(0, third).map((sample) => sample[name] ?? 0));
    const late = median(warm.slice(-third).map((sample) => sample[name] ?? 0));
    const mayGrowBy = toleranceOf(name, early);
    return {
      name,
      early,
      late,
      mayGrowBy,
      isFlat: mayGrowBy === undefined || late <= early + mayGrowBy,
    };
  });
}

function toleranceOf(name: string, early: number): number | undefined {
  if (!name.endsWith(" memory")) return Math.max(COUNT_GROWTH.count, early * COUNT_GROWTH.share);
  // The servers fill their configured caches.
  if (![...serviceNames, "worker"].some((service) => name === `${service} memory`))
    return undefined;
  return Math.max(MEMORY_GROWTH.mib, early * MEMORY_GROWTH.share);
}

/** The median; of two middle values, the smaller. */
function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

export function flatnessTable(trends: Trend[]): string {
  const head = ["figure", "early", "late", "may grow by", ""];
  const rows = trends.map(({ name, early, late, mayGrowBy, isFlat }) => {
    const verdict =
      mayGrowBy === undefined ? pc.dim("not judged") : isFlat ? pc.green("flat") : pc.red("grows");
    return [name, early, late, mayGrowBy === undefined ? "" : Math.round(mayGrowBy), verdict];
  });
  return tableText(head, rows, { left: [0, 4] });
}
