import pc from "picocolors";
import type { Breach } from "../../audit/breach.ts";
import { auditLectures } from "../../audit/check.ts";
import type { SignedInStudent } from "../../kit/edge-client.ts";
import type { Entry } from "../../kit/journal.ts";
import { tableText } from "../../kit/table.ts";
import { serverNames, serviceNames, type UnitName } from "../system/links.ts";
import type { FaultSystem } from "../system/system.ts";
import { breachesOf, breachLines } from "./breaches.ts";
import { CROWD, type RunContext } from "./chaos.ts";
import { seconds } from "./report.ts";
import { type ChaosRush, enter, openLecture, openRush, withSources } from "./rush.ts";
import { signInStudents } from "./students.ts";

/** How one process came back under load. Times in milliseconds. */
export interface RestartReport {
  name: UnitName;
  /** from the kill until the process works again */
  downMs: number;
  /** from then to the first confirmed seat of a press after the kill; null without one */
  firstSuccessMs: number | null;
  /** from the first success to an audit without a breach; null if none came in time */
  cleanMs: number | null;
  booked: number;
  breaches: Breach[];
}

const BAR = { firstSuccessMs: 5_000, cleanMs: 30_000 };
const PRESS_EVERY_MS = 50;
const LOAD_BEFORE_MS = 2_000;
const DOWN_MS = 1_000;
const LOAD_AFTER_MS = 4_000;
const READY_WITHIN_MS = 180_000;

/**
 * Kills each process in turn under a steady stream of bookings, starts it again, and measures when
 * booking resumes.
 */
export async function runRestarts({ system, interrupted, say }: RunContext) {
  const crowd = await signInStudents(system.edgeUrl, CROWD, "restart");
  const restarts: RestartReport[] = [];
  for (const name of [...serverNames, ...serviceNames]) {
    interrupted.throwIfAborted();
    const report = await restart(system, crowd, name);
    restarts.push(report);
    say(restartText(report));
  }
  say(`\n${restartsTable(restarts)}`);
  return { clean: restarts.every(({ breaches }) => breaches.length === 0), restarts };
}

function restartText({ name, breaches }: RestartReport): string {
  const mark = breaches.length === 0 ? pc.green("✓") : pc.red("✖");
  return [`${mark} ${name}`, ...breachLines(breaches)].join("\n");
}

async function restart(
  system: FaultSystem,
  crowd: SignedInStudent[],
  name: UnitName,
): Promise<RestartReport> {
  const rush = openRush(system, await openLecture(system, { seats: crowd.length }));
  await Bun.sleep(Math.max(0, rush.opensAtMs - performance.now()));
  const load = startLoad(rush, crowd);
  await Bun.sleep(LOAD_BEFORE_MS);

  const unit = system.units[name];
  const killedAtMs = performance.now();
  await unit.holdDown();
  await Bun.sleep(DOWN_MS);
  await unit.letUp(AbortSignal.timeout(READY_WITHIN_MS));
  await unit.untilReady(READY_WITHIN_MS);
  const healthyAtMs = performance.now();
  await Bun.sleep(LOAD_AFTER_MS);
  rush.endsAtMs = healthyAtMs + BAR.firstSuccessMs + BAR.cleanMs;
  const booked = await load.stop();

  const firstSuccessMs = firstSuccessAfter(rush.entries, killedAtMs, healthyAtMs);
  const { audit, auditedAtMs } = await auditUntilClean(system, rush.lectureId);
  const successAtMs = healthyAtMs + (firstSuccessMs ?? 0);
  const cleanMs = audit.clean ? Math.round(auditedAtMs - successAtMs) : null;
  const isLate = (ms: number | null, barMs: number) => ms === null || ms > barMs;
  return {
    name,
    downMs: Math.round(healthyAtMs - killedAtMs),
    firstSuccessMs,
    cleanMs,
    booked,
    breaches: [
      ...breachesOf(system, { audit }),
      ...(isLate(firstSuccessMs, BAR.firstSuccessMs)
        ? [{ what: "no seat was confirmed in time" }]
        : []),
      ...(isLate(cleanMs, BAR.cleanMs) ? [{ what: "no clean audit in time" }] : []),
    ],
  };
}

/**
 * Students book seats one after the other. `stop` ends the stream, waits for the bookings under
 * way, and returns the number of seats.
 */
function startLoad(rush: ChaosRush, crowd: SignedInStudent[]): { stop(): Promise<number> } {
  const booking: Promise<boolean>[] = [];
  const students = crowd.values();
  const timer = setInterval(() => {
    const { value: session, done } = students.next();
    if (done) return;
    const book = enter(rush, session).book(`restart-${rush.lectureId}`);
    booking.push(book.then(({ outcome }) => outcome === "confirmed"));
  }, PRESS_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      return (await Promise.all(booking)).filter(Boolean).length;
    },
  };
}

function firstSuccessAfter(
  entries: Entry[],
  killedAtMs: number,
  healthyAtMs: number,
): number | null {
  const before = new Set(
    entries.filter(({ sentAtMs }) => sentAtMs < killedAtMs).map(({ userId }) => userId),
  );
  const successes = entries.filter(
    ({ outcome, userId, answeredAtMs }) =>
      outcome === "confirmed" && !before.has(userId) && answeredAtMs >= healthyAtMs,
  );
  const firstAtMs = Math.min(...successes.map(({ answeredAtMs }) => answeredAtMs));
  return Number.isFinite(firstAtMs) ? Math.round(firstAtMs - healthyAtMs) : null;
}

/** Audits until an audit is clean, or no time is left. Returns the last audit. */
async function auditUntilClean(system: FaultSystem, lectureId: string) {
  const endsAtMs = performance.now() + BAR.cleanMs;
  return await withSources(system, async (sources) => {
    for (;;) {
      const audit = await auditLectures(sources, { lectureIds: [lectureId], waitMs: 0 });
      const auditedAtMs = performance.now();
      if (audit.clean || auditedAtMs > endsAtMs) return { audit, auditedAtMs };
      await Bun.sleep(250);
    }
  });
}

/** One row per process. */
function restartsTable(reports: RestartReport[]): string {
  const head = [
    "process",
    "down s",
    "first seat after s",
    "audit clean after s",
    "booked",
    "breaches",
  ];
  const rows = reports.map(({ name, downMs, firstSuccessMs, cleanMs, booked, breaches }) => [
    name,
    ...[downMs, firstSuccessMs, cleanMs].map((ms) => seconds(ms, 2)),
    booked,
    breaches.length,
  ]);
  return tableText(head, rows);
}
