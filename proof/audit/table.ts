import pc from "picocolors";
import { type Cell, tableText } from "../kit/table.ts";
import type { Breach, Judged } from "./breach.ts";
import type { AuditReport, BrokerReport, LectureReport, Verdict } from "./report.ts";

/**
 * The whole report as text: a table per lecture with its verdicts, then the broker, then one
 * summary line.
 */
export function auditText(report: AuditReport): string {
  const queued = report.broker.queues.reduce((total, { ready }) => total + ready, 0);
  return [
    ...report.lectures.map((lecture) => lectureText(lecture, queued)),
    brokerText(report.broker),
    ...report.unknown.map((id) => pc.red(`lecture ${id}: no server knows it`)),
    ...(report.rest.reached ? [] : [restLine(report)]),
    summaryLine(report),
  ].join("\n\n");
}

/**
 * One lecture: the servers side by side, the guarantees, and the faulty rows.
 *
 * @param queued commands waiting in the queues, of all lectures: a queue does not show whose they
 * are
 */
function lectureText(lecture: LectureReport, queued: number): string {
  const { lectureId, title, verdicts } = lecture;
  const { mysql, redis, zooKeeper } = lecture.figures;
  const row = (name: string, ...cells: (number | null)[]): Cell[] => [
    name,
    ...[...cells, null, null].slice(0, 4).map((cell) => cell ?? ""),
  ];
  const table = tableText(
    ["", "MySQL", "Redis", "ZooKeeper", "RabbitMQ (all)"],
    [
      row("seats", mysql.capacity, redis.capacity),
      row("left", mysql.remaining, redis.remaining),
      row("confirmed", mysql.confirmed, redis.confirmed),
      row("rejected, cancelled", mysql.rejected + mysql.cancelled, redis.released),
      row("undecided", null, redis.held, zooKeeper.pending, queued),
    ],
  );
  const heading = pc.bold(`Lecture ${lectureId}${title ? `  ${title}` : ""}`);
  return [heading, table, verdictLine(verdicts), ...verdicts.flatMap(breachLines)].join("\n");
}

function brokerText({ queues, deadLetters, verdict }: BrokerReport): string {
  const depths =
    queues.map(({ name, ready }) => `${name} ${ready}`).join(" · ") || "no queue declared";
  const dead = `dead letters ${deadLetters.read + deadLetters.unread} (undecided ${deadLetters.undecided}, unreadable ${deadLetters.unreadable})`;
  return [
    pc.bold("RabbitMQ"),
    `  ${depths} · ${dead}`,
    verdictLine([verdict]),
    ...breachLines(verdict),
  ].join("\n");
}

function verdictLine(verdicts: Verdict[]): string {
  return `  ${verdicts
    .map(({ guarantee, count }) =>
      count === 0 ? pc.green(`${guarantee} pass`) : pc.red(`${guarantee} breach (${count})`),
    )
    .join("   ")}`;
}

function breachLines({ guarantee, promise, ...judged }: Verdict): string[] {
  if (judged.count === 0) return [];
  return [pc.red(`  ${guarantee}: ${promise}`), ...listBreaches(judged, 4, breachLine)];
}

/** A line for each breach that was kept, and one for the others. */
export function listBreaches(
  { count, breaches }: Judged,
  indent: number,
  lineOf: (breach: Breach) => string,
): string[] {
  const more = count - breaches.length;
  const lines = [...breaches.map(lineOf), ...(more > 0 ? [`and ${more} more`] : [])];
  return lines.map((line) => " ".repeat(indent) + line);
}

function breachLine({ what, rid, userId }: Breach): string {
  const row = [rid && `rid ${rid}`, userId && `user ${userId}`].filter(Boolean).join(" ");
  return row ? `${row}: ${what}` : what;
}

function restLine({ rest: { waitedMs, motion } }: AuditReport): string {
  const waited = `not at rest after ${(waitedMs / 1_000).toFixed(1)} s`;
  return pc.yellow(
    `${waited}: ${motion.held} held claims, ${motion.pending} pending nodes, ${motion.queued} queued, ${motion.unloaded} lectures not loaded`,
  );
}

function summaryLine({ lectures, breaches, clean, unknown }: AuditReport): string {
  const looked = `${lectures.length} lecture${lectures.length === 1 ? "" : "s"} audited`;
  if (clean) return pc.green(`${looked}, every guarantee holds`);
  if (breaches === 0) return pc.red(`${looked}, ${unknown.length} not found`);
  return pc.red(`${looked}, ${breaches} breach${breaches === 1 ? "" : "es"}`);
}
