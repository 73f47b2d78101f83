import pc from "picocolors";
import type { Breach } from "../../audit/breach.ts";
import { tableText } from "../../kit/table.ts";
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
    report.quiesceMs === null ? "no rest" : `rest after ${inSeconds(report.quiesceMs)}`;
  const words = [
    `${attempted} wishes`,
    `${confirmed} seats`,
    `${report.recovered} recovered`,
    ...(report.forgotten > 0 ? [`${report.forgotten} forgotten`] : []),
    quiesced,
    inSeconds(tookMs),
  ];
  const kinds = faults.map((line) => line.replace(/^from .* s {2}/, "")).join("; ");
  const line = `${mark} ${String(index).padStart(total.length)}/${total} seed ${seed}  ${words.join(", ")}  ${pc.dim(kinds)}`;
  return breaches.length === 0 ? line : [line, ...failureLines(report, isSoak)].join("\n");
}

const BREACHES_SHOWN = 15;

function failureLines(report: ScheduleReport, isSoak: boolean): string[] {
  const { seed, faults, notBegun, answers, breaches, lectureId } = report;
  const more = breaches.length - BREACHES_SHOWN;
  return [
    ...breaches.slice(0, BREACHES_SHOWN).map((breach) => pc.red(`    ${breachText(breach)}`)),
    ...(more > 0 ? [pc.red(`    and ${more} more`)] : []),
    `    lecture ${lectureId}; faults, in seconds from its opening:`,
    ...faults.map((line) => `      ${line}`),
    ...notBegun.map((what) => `      not begun: ${what}`),
    `    answers: ${Object.entries(answers)
      .map(([name, count]) => `${count} × ${name}`)
      .join(", ")}`,
    `    again: npm run chaos -- --schedules 1 --seed ${seed}${isSoak ? " --soak" : ""}`,
  ];
}

function breachText({ what, rid, userId }: Breach): string {
  const whose = [userId && `student ${userId}`, rid && `rid ${rid}`].filter(Boolean).join(", ");
  return whose ? `${whose}: ${what}` : what;
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
  ["rest\nafter s", ({ quiesceMs }) => (quiesceMs === null ? "never" : seconds(quiesceMs))],
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

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function inSeconds(ms: number): string {
  return `${seconds(ms)} s`;
}
