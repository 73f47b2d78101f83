import pc from "picocolors";
import { crashPoints } from "../../../runtime/crash-points/crash-point.ts";
import { auditText } from "../../audit/table.ts";
import { tableText } from "../../kit/table.ts";
import type { CrashOutcome, CrashReport } from "./run.ts";

/** One line about one crash, for the terminal. */
export function crashLine({ point, service, killed, tookMs, faults }: CrashOutcome): string {
  const sign = killed && faults.length === 0 ? pc.green("✓") : pc.red("✖");
  const seconds = `${(tookMs / 1_000).toFixed(1)} s`;
  const line = `${sign} ${point.padEnd(30)} ${service.padEnd(7)} ${seconds.padStart(7)}  ${crashPoints[point]}`;
  return [line, ...faults.map((fault) => `    ${fault}`)].join("\n");
}

/** The report of all crashes: the points, the students' answers, and the audit. */
export function crashText(report: CrashReport): string {
  const { crashes, bookings, contradictions, unexpectedEndings, audit, kept } = report;
  const killed = crashes.filter((crash) => crash.killed).length;
  const rows = [
    ["crash points come to, service killed there", `${killed} of ${crashes.length}`],
    ["bookings", String(bookings)],
    ["students told what MySQL does not hold", String(contradictions.length)],
    ["processes that ended by themselves", String(unexpectedEndings.length)],
    ["breaches of the guarantees", String(audit.breaches)],
  ];
  return [
    tableText([], rows),
    ...contradictions,
    ...unexpectedEndings,
    audit.clean ? "" : auditText(audit),
    kept ? pc.green("nothing was lost, oversold or told twice") : pc.red("not as promised"),
  ]
    .filter(Boolean)
    .join("\n");
}
