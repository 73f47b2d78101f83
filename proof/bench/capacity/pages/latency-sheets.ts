import type { Latency, Step } from "../latency.ts";
import { type Column, cpus, type Sheet, sheetOf, whole } from "./sheet.ts";

const FIGURES: Column<Step>[] = [
  [{ en: "offered/s", zh: "到达/秒" }, ({ offeredPerS }) => whole(offeredPerS)],
  [{ en: "confirmed/s", zh: "确认/秒" }, ({ confirmedPerS }) => whole(confirmedPerS)],
  ["p50 ms", ({ p50Ms }) => whole(p50Ms)],
  ["p95 ms", ({ p95Ms }) => whole(p95Ms)],
  ["p99 ms", ({ p99Ms }) => whole(p99Ms)],
  [{ en: "other answers", zh: "其他答复" }, ({ other }) => whole(other)],
  [{ en: "CPUs, system", zh: "CPU，系统" }, ({ systemCpus }) => cpus(systemCpus)],
  [{ en: "CPUs, generator", zh: "CPU，施压端" }, ({ generatorCpus }) => cpus(generatorCpus)],
  [{ en: "CPUs, others", zh: "CPU，其他程序" }, ({ othersCpus }) => cpus(othersCpus)],
];
const STUDENTS: Column<Step> = [
  { en: "students at once", zh: "同时的学生" },
  ({ clients = 0 }) => whole(clients),
];
const SHARE: Column<Step> = [
  { en: "of the peak", zh: "占峰值" },
  ({ sharePercent }) => `${sharePercent} %`,
];

export function latencySheets({ search, shares }: Latency): Sheet[] {
  const peak = {
    en: "the peak of confirmed reservations, closed loop",
    zh: "确认预约的峰值，闭环",
  };
  const latency = { en: "click → decision, open loop", zh: "点击 → 裁决，开环" };
  return [
    sheetOf({ name: "peak", title: peak }, [STUDENTS, ...FIGURES], search),
    sheetOf({ name: "latency", title: latency }, [SHARE, ...FIGURES], shares),
  ];
}
