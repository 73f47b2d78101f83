import pc from "picocolors";
import type { Breach } from "../audit/breach.ts";
import { auditText } from "../audit/table.ts";
import type { Entry } from "../kit/journal.ts";
import { tableText } from "../kit/table.ts";
import type { AmendReport } from "./amends.ts";
import type { Quantiles } from "./latencies.ts";
import type { PromiseVerdict } from "./promises.ts";
import type { RushReport } from "./run.ts";

/** The whole report as text: answers, times, promises, audit, and one summary line. */
export function rushText(report: RushReport): string {
  const { students, seats, seed, lectureId } = report;
  return [
    pc.bold(`${students} students for ${seats} seats, lecture ${lectureId}, seed ${seed}`),
    answersTable(report),
    timesTable(report),
    ...(report.amends ? [amendsText(report.amends)] : []),
    report.promises.map(promiseText).join("\n"),
    auditText(report.audit),
    summaryLine(report),
  ].join("\n\n");
}

const kinds: { kind: Entry["kind"]; title: string }[] = [
  { kind: "early", title: "too early" },
  { kind: "press", title: "pressed" },
  { kind: "again", title: "same key again" },
  { kind: "status", title: "asked on" },
];

function answersTable({ answers }: RushReport): string {
  const rows = Object.keys(answers)
    .sort()
    .map((name) => [name, ...kinds.map(({ kind }) => answers[name]?.[kind] ?? "")]);
  return tableText(["answer", ...kinds.map(({ title }) => title)], rows);
}

function timesTable({ confirmed, latenciesMs: { winners, others } }: RushReport): string {
  const row = (name: string, { count, p50, p95, p99, max }: Quantiles) => [
    name,
    count,
    ...[p50, p95, p99, max].map((time) => time ?? ""),
  ];
  const table = tableText(
    ["ms from the click", "presses", "p50", "p95", "p99", "max"],
    [row("to the confirmed seat", winners), row("to any other answer", others)],
  );
  return `${table}\n${confirmed} seats confirmed in MySQL`;
}

function amendsText({ asked, applied, refused, undecided }: AmendReport): string {
  const line = `${asked} amendments: ${applied} applied, ${refused} refused`;
  return undecided === 0 ? line : pc.red(`${line}, ${undecided} undecided`);
}

function promiseText({ promise, count, breaches }: PromiseVerdict): string {
  if (count === 0) return `${pc.green("kept")}    ${promise}`;
  const more = count - breaches.length;
  return [
    `${pc.red("broken")}  ${promise} (${count})`,
    ...breaches.map((breach) => `          ${breachText(breach)}`),
    ...(more > 0 ? [`          and ${more} more`] : []),
  ].join("\n");
}

function breachText({ what, rid, userId }: Breach): string {
  const row = [userId && `student ${userId}`, rid && `rid ${rid}`].filter(Boolean).join(", ");
  return row ? `${row}: ${what}` : what;
}

function summaryLine({ promises, audit, amends, kept, seed, students, seats }: RushReport): string {
  if (kept) return pc.green("every promise kept, audit clean");
  const broken = promises.filter(({ count }) => count > 0).map(({ promise }) => promise);
  if (!audit.clean) broken.push(`the audit found ${audit.breaches} breaches`);
  if (amends && amends.undecided > 0) broken.push("not every amendment was decided");
  const more = amends ? ` --amends ${amends.asked}` : "";
  const repeat = `npm run rush -- --students ${students} --seats ${seats} --seed ${seed}${more}`;
  return pc.red(`not as promised: ${broken.join("; ")}\nthe same crowd again: ${repeat}`);
}
