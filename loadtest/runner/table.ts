import { relative } from "node:path";
import Table from "cli-table3";
import pc from "picocolors";
import { auditText } from "../../audit/table.ts";
import { ROOT } from "../../stack/layout.ts";
import type { LoadReport } from "./run.ts";

/** The figures that tell how it went, the thresholds, and the audit. */
export function loadText(report: LoadReport): string {
  const { script, students, seats, rate, seconds, folder, kept, audit } = report;
  return [
    pc.bold(`${script}: ${students} students, ${seats} seats, ${rate} arrivals each second for ${seconds} s`),
    timesTable(report),
    thresholdLines(report),
    auditText(audit),
    `${relative(ROOT, folder)}/report.html and summary.json hold the rest`,
    kept ? pc.green("every threshold green, audit clean") : pc.red("not as it should be"),
  ].join("\n\n");
}

const percentiles = ["med", "p(90)", "p(95)", "p(99)", "max"] as const;

function timesTable({ metrics }: LoadReport): string {
  const table = new Table({
    head: ["ms", ...percentiles],
    style: { head: [], border: [], compact: true },
    colAligns: ["left", "right", "right", "right", "right", "right"],
  });
  for (const [name, { values }] of Object.entries(metrics)) {
    if (!/^(time_to_|http_req_duration)/.test(name) || values["med"] === undefined) continue;
    table.push([name, ...percentiles.map((at) => (values[at] === undefined ? "" : Math.round(values[at])))]);
  }
  return table.toString();
}

function thresholdLines({ metrics }: LoadReport): string {
  return Object.entries(metrics)
    .flatMap(([name, { thresholds = {} }]) =>
      Object.entries(thresholds).map(
        ([bound, { ok }]) => `${ok ? pc.green("✓") : pc.red("✖")} ${name} ${bound}`,
      ),
    )
    .join("\n");
}
