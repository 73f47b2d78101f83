import pc from "picocolors";
import { type Cell, tableText } from "../../kit/table.ts";
import type { Bar, OverloadReport, Phase } from "./report.ts";

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

const COLUMNS: [title: string, cell: (phase: Phase) => Cell][] = [
  ["a second", ({ name }) => name],
  ["offered", ({ perSecond }) => perSecond.offered],
  ["arrived", ({ perSecond }) => perSecond.arrived],
  ["good", ({ perSecond }) => perSecond.good],
  ["turned away", ({ perSecond }) => perSecond.shed],
  ["other", ({ perSecond }) => perSecond.other],
  ["p50 ms", ({ p50Ms }) => p50Ms],
  ["p99 ms", ({ p99Ms }) => p99Ms],
  ["RSS MB", ({ rssMb }) => rssMb],
  ["CPU", ({ cpu }) => cpu.origin],
  ["servers", ({ cpu }) => cpu.servers],
];

function phasesTable({ phases }: OverloadReport): string {
  const titles = COLUMNS.map(([title]) => title);
  return tableText(
    titles,
    phases.map((phase) => COLUMNS.map(([, cell]) => cell(phase))),
  );
}

function barText({ what, wanted, found, reached }: Bar): string {
  return `${reached ? pc.green("reached") : pc.red("missed ")}  ${what}: ${found} (${wanted})`;
}
