import Table from "cli-table3";
import pc from "picocolors";
import type { OverloadReport } from "./run.ts";

/** The report as text: every phase, then the bars. */
export function overloadText(report: OverloadReport): string {
  const { seconds, times, clients, peakPerSecond, generatorCpu, bars } = report;
  return [
    pc.bold(`${times} × a peak of ${peakPerSecond} commands/s for ${seconds} s, ${clients} clients`),
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
  const table = new Table({
    head: titles.map((title) => pc.bold(title)),
    // Colours of its own would ignore NO_COLOR and pipes.
    style: { head: [], border: [], compact: true },
    colAligns: titles.map((_, at) => (at === 0 ? "left" : "right")),
  });
  for (const { name, perSecond, p50Ms, p99Ms, rssMb, cpu } of phases) {
    const { offered, arrived, good, shed, other } = perSecond;
    table.push([name, offered, arrived, good, shed, other, p50Ms, p99Ms, rssMb, cpu.origin, cpu.servers]);
  }
  return table.toString();
}

function barText({ what, wanted, found, reached }: OverloadReport["bars"][number]): string {
  return `${reached ? pc.green("reached") : pc.red("missed ")}  ${what}: ${found} (${wanted})`;
}
