import pc from "picocolors";
import { tableText } from "../../kit/table.ts";
import type { OverloadReport } from "./run.ts";

/** The report as text: every phase, then the bars. */
export function overloadText(report: OverloadReport): string {
  const { seconds, times, clients, peakPerSecond, generatorCpu, bars } = report;
  return [
    pc.bold(
      `${times} × a peak of ${peakPerSecond} commands/s for ${seconds} s, ${clients} clients`,
    ),
    phasesTable(report),
    `The load generator took ${Math.round(100 * generatorCpu)} % of one CPU during the overload; it shares the machine with the system.`,
    bars.map(barText).join("\n"),
  ].join("\n\n");
}

function phasesTable({ phases }: OverloadReport): string {
  const titles = [
    "a second",
    "offered",
    "arrived",
    "good",
    "turned away",
    "other",
    "p50 ms",
    "p99 ms",
    "RSS MB",
    "CPU",
    "servers",
  ];
  const rows = phases.map(({ name, perSecond, p50Ms, p99Ms, rssMb, cpu }) => {
    const { offered, arrived, good, shed, other } = perSecond;
    return [
      name,
      offered,
      arrived,
      good,
      shed,
      other,
      p50Ms,
      p99Ms,
      rssMb,
      cpu.origin,
      cpu.servers,
    ];
  });
  return tableText(titles, rows);
}

function barText({ what, wanted, found, reached }: OverloadReport["bars"][number]): string {
  return `${reached ? pc.green("reached") : pc.red("missed ")}  ${what}: ${found} (${wanted})`;
}
