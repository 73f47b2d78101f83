import type { Latency, Step } from "../latency.ts";
import { type Column, cpus, type Sheet, sheetOf, whole } from "./sheet.ts";

const FIGURES: Column<Step>[] = [
  ["offered/s", ({ offeredPerS }) => whole(offeredPerS)],
  ["confirmed/s", ({ confirmedPerS }) => whole(confirmedPerS)],
  ["p50 ms", ({ p50Ms }) => whole(p50Ms)],
  ["p95 ms", ({ p95Ms }) => whole(p95Ms)],
  ["p99 ms", ({ p99Ms }) => whole(p99Ms)],
  ["other answers", ({ other }) => whole(other)],
  ["CPUs, system", ({ systemCpus }) => cpus(systemCpus)],
  ["CPUs, generator", ({ generatorCpus }) => cpus(generatorCpus)],
  ["CPUs, others", ({ othersCpus }) => cpus(othersCpus)],
];
export function latencySheets({ search, shares }: Latency): Sheet[] {
  return [
    sheetOf<Step>(
      { name: "peak", title: "the peak of confirmed reservations, closed loop" },
      [["students at once", ({ clients = 0 }) => whole(clients)], ...FIGURES],
      search,
    ),
    sheetOf<Step>(
      { name: "latency", title: "click → decision, open loop" },
      [["of the peak", ({ sharePercent }) => `${sharePercent} %`], ...FIGURES],
      shares,
    ),
  ];
}
