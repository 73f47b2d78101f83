import { relative } from "node:path";
import pc from "picocolors";
import { auditText } from "../../proof/audit/table.ts";
import { flatnessTable } from "../../proof/faults/chaos/flatness.ts";
import { tableText } from "../../proof/kit/table.ts";
import { ROOT } from "../../stack/layout.ts";
import type { LoadReport } from "./run.ts";

/** The figures of the run, the thresholds and the audit. */
export function loadText(report: LoadReport): string {
  const { script, students, seats, rate, seconds } = report.options;
  const { folder, files, kept, trends } = report;
  return [
    pc.bold(
      `${script}: ${students} students, ${seats} seats, ` +
        `${rate} arrivals each second for ${seconds} s`,
    ),
    answersLine(report),
    timesTable(report),
    processesTable(report),
    ...(trends.length > 0 ? [flatnessTable(trends)] : []),
    thresholdLines(report),
    auditText(report.audit),
    `${relative(ROOT, folder)}: ${files.join(", ")}`,
    kept
      ? pc.green("every threshold green, audit clean")
      : pc.red(`not as it should be: ${faultsOf(report)}`),
  ].join("\n\n");
}

function answersLine({ metrics }: LoadReport): string {
  const counts = Object.entries(metrics).flatMap(([name, { values }]) => {
    const outcome = /^answers\{outcome:(\w+)\}$/.exec(name)?.[1];
    return outcome && values["count"] ? [`${outcome} ${values["count"]}`] : [];
  });
  return `answers: ${counts.join(" · ")}`;
}

const percentiles = ["med", "p(90)", "p(95)", "p(99)", "max"] as const;

function timesTable({ metrics }: LoadReport): string {
  const rows = Object.entries(metrics).flatMap(([name, { values }]) => {
    const isTime = /^time_to_|^http_req_duration(\{name:|$)/.test(name);
    if (!isTime || !values["count"]) return [];
    return [[name, values["count"], ...percentiles.map((at) => Math.round(values[at] ?? 0))]];
  });
  return tableText(["ms", "count", ...percentiles], rows);
}

function processesTable({ processes }: LoadReport): string {
  const rows = processes.map(({ name, cpuSeconds, memoryMib: { before, peak, after } }) => [
    name,
    cpuSeconds.toFixed(1),
    before,
    peak,
    after,
  ]);
  return tableText(["process", "CPU s", "MiB before", "peak", "after"], rows);
}

function thresholdLines(report: LoadReport): string {
  return thresholdsOf(report)
    .map(({ ok, says }) => `${ok ? pc.green("✓") : pc.red("✖")} ${says}`)
    .join("\n");
}

function faultsOf(report: LoadReport): string {
  const missed = thresholdsOf(report).filter(({ ok }) => !ok);
  const growing = report.trends.filter(({ isFlat }) => !isFlat);
  return [
    ...missed.map(({ says }) => says),
    ...(report.audit.clean ? [] : ["the audit"]),
    ...growing.map(({ name }) => `${name} grows`),
  ].join(", ");
}

/** Every bound, with the value found. */
function thresholdsOf({ metrics }: LoadReport): { ok: boolean; says: string }[] {
  return Object.entries(metrics).flatMap(([name, { values, thresholds = {} }]) =>
    Object.entries(thresholds).map(([bound, { ok }]) => {
      const found = values[/^[^<>=]*/.exec(bound)?.[0] ?? ""];
      return {
        ok,
        says: `${name} ${bound}${found === undefined ? "" : `: ${Math.round(found * 1e4) / 1e4}`}`,
      };
    }),
  );
}
