import pc from "picocolors";
import { tableText } from "../../kit/table.ts";
import { breachLines } from "./breaches.ts";
import type { ScheduleReport } from "./run-schedule.ts";

/** The line of a schedule during a run, with its breaches below. */
export function scheduleText(
  report: ScheduleReport,
  index: number,
  total: string,
  isSoak: boolean,
): string {
  const { seed, breaches, confirmed, attempted, tookMs, faults } = report;
  const mark = breaches.length === 0 ? pc.green("✓") : pc.red("✖");
  const quiesced =
    report.quiesceMs === null ? "no rest" : `rest after ${seconds(report.quiesceMs)} s`;
  const words = [
    `${attempted} wishes`,
    `${confirmed} seats`,
    `${report.recovered} recovered`,
    ...(report.forgotten > 0 ? [`${report.forgotten} forgotten`] : []),
    quiesced,
    `${seconds(tookMs)} s`,
  ];
  const kinds = faults.map((line) => line.replace(/^from .* s {2}/, "")).join("; ");
  const line = `${mark} ${String(index).padStart(total.length)}/${total} seed ${seed}  ${words.join(", ")}  ${pc.dim(kinds)}`;
  return breaches.length === 0 ? line : [line, ...failureLines(report, isSoak)].join("\n");
}

function failureLines(report: ScheduleReport, isSoak: boolean): string[] {
  const { seed, faults, notBegun, answers, breaches, lectureId } = report;
  return [
    ...breachLines(breaches),
    `    lecture ${lectureId}; faults, in seconds from its opening:`,
    ...faults.map((line) => `      ${line}`),
    ...notBegun.map((what) => `      not begun: ${what}`),
    `    answers: ${Object.entries(answers)
      .map(([name, count]) => `${count} × ${name}`)
      .join(", ")}`,
    `    again: npm run chaos -- --schedules 1 --seed ${seed}${isSoak ? " --soak" : ""}`,
  ];
}

const columns: [title: string, of: (report: ScheduleReport) => number | string][] = [
  ["seed", ({ seed }) => seed],
  ["faults", ({ faults }) => faults.length],
  ["attempted", ({ attempted }) => attempted],
  ["acknow-\nledged", ({ acknowledged }) => acknowledged],
  ["confirmed", ({ confirmed }) => confirmed],
  ["rejected", ({ rejected }) => rejected],
  ["cancelled", ({ cancelled }) => cancelled],
  ["lost", ({ lost }) => lost],
  ["recovered", ({ recovered }) => recovered],
  ["forgotten", ({ forgotten }) => forgotten],
  ["dupli-\ncated", ({ duplicated }) => duplicated],
  ["unex-\npected", ({ unexpected }) => unexpected],
  ["audit\nbreaches", ({ auditBreaches }) => auditBreaches],
  ["rest\nafter s", ({ quiesceMs }) => seconds(quiesceMs)],
  ["breaches", ({ breaches }) => breaches.length],
];

/** One row per schedule, and the totals. */
export function chaosTable(reports: ScheduleReport[]): string {
  const rows = reports.map((report) => columns.map(([, of]) => of(report)));
  const totals = columns.map(([title, of], at) =>
    pc.bold(at === 0 ? "all" : totalOf(title, reports.map(of))),
  );
  return tableText(
    columns.map(([title]) => title),
    [...rows, totals],
    { left: [] },
  );
}

/** The longest rest, and the sum of every other column. */
function totalOf(title: string, values: (number | string)[]): string {
  if (values.includes("never")) return "never";
  const numbers = values.map(Number);
  return title.startsWith("rest")
    ? `≤ ${Math.max(0, ...numbers).toFixed(1)}`
    : String(numbers.reduce((sum, number) => sum + number, 0));
}

/** Milliseconds as seconds; `never` for null. */
export function seconds(ms: number | null, digits = 1): string {
  return ms === null ? "never" : (ms / 1_000).toFixed(digits);
}
