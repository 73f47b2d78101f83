import type { Latency, Step } from "../latency.ts";
import { type Cell, type Sheet, whole } from "./sheet.ts";

export function latencySheets({ search, shares }: Latency): Sheet[] {
  const head: Cell[] = [
    { en: "offered/s", zh: "到达/秒" },
    { en: "confirmed/s", zh: "确认/秒" },
    "p50 ms",
    "p95 ms",
    "p99 ms",
    { en: "other answers", zh: "其他答复" },
    { en: "CPUs, system", zh: "CPU，系统" },
    { en: "CPUs, generator", zh: "CPU，施压端" },
    { en: "CPUs, others", zh: "CPU，其他程序" },
  ];
  return [
    {
      name: "peak",
      title: { en: "the peak of confirmed reservations, closed loop", zh: "确认预约的峰值，闭环" },
      head: [{ en: "students at once", zh: "同时的学生" }, ...head],
      rows: search.map((step) => [whole(step.clients ?? 0), ...figures(step)]),
    },
    {
      name: "latency",
      title: { en: "click → decision, open loop", zh: "点击 → 裁决，开环" },
      head: [{ en: "of the peak", zh: "占峰值" }, ...head],
      rows: shares.map((step) => [`${step.sharePercent} %`, ...figures(step)]),
    },
  ];
}

function figures(step: Step): string[] {
  const {
    offeredPerS,
    confirmedPerS,
    p50Ms,
    p95Ms,
    p99Ms,
    other,
    systemCpus,
    generatorCpus,
    othersCpus,
  } = step;
  return [
    ...[offeredPerS, confirmedPerS, p50Ms, p95Ms, p99Ms, other].map(whole),
    systemCpus.toFixed(2),
    generatorCpus.toFixed(2),
    othersCpus.toFixed(2),
  ];
}
