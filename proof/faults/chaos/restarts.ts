import pc from "picocolors";
import type { Breach } from "../../audit/breach.ts";
import { auditLectures } from "../../audit/check.ts";
import { edgeClient, type SignedInStudent } from "../../kit/edge-client.ts";
import type { Entry } from "../../kit/journal.ts";
import { makeLecture, untilShown } from "../../kit/lecture.ts";
import { tableText } from "../../kit/table.ts";
import type { UnitName } from "../system/links.ts";
import type { FaultSystem } from "../system/system.ts";
import { CROWD, type RunContext } from "./chaos.ts";
import { withSources } from "./run-schedule.ts";
import { signInStudents } from "./sign-in.ts";
import { book, type ChaosRush } from "./take-part.ts";

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

const RESTARTED: UnitName[] = [
  "redis",
  "rabbitmq",
  "mysql",
  "zookeeper",
  "redis-http",
  "origin",
  "worker-1",
  "worker-2",
  "edge",
];

const BAR = { firstSuccessMs: 5_000, cleanMs: 30_000 };
const PRESS_EVERY_MS = 50;
const LOAD_BEFORE_MS = 2_000;
const DOWN_MS = 1_000;
const LOAD_AFTER_MS = 4_000;
const READY_WITHIN_MS = 60_000;

/**
 * Kills each process in turn under a steady stream of bookings, starts it again, and measures when
 * booking resumes.
 */
export async function runRestarts({ system, interrupted, say }: RunContext) {
  const crowd = await signInStudents(system.edgeUrl, CROWD, "restart");
  const restarts: RestartReport[] = [];
  for (const name of RESTARTED) {
    interrupted.throwIfAborted();
    const report = await restart(system, crowd, name);
    restarts.push(report);
    say(restartText(report));
  }
  say(`\n${restartsTable(restarts)}`);
  return { clean: restarts.every(({ breaches }) => breaches.length === 0), restarts };
}

function restartText({ name, breaches }: RestartReport): string {
  if (breaches.length === 0) return `${pc.green("✓")} ${name}`;
  return [
    `${pc.red("✖")} ${name}`,
    ...breaches.map(({ what, rid, userId }) => pc.red(`    ${what} ${rid ?? ""} ${userId ?? ""}`)),
  ].join("\n");
}

async function restart(
  system: FaultSystem,
  crowd: SignedInStudent[],
  name: UnitName,
): Promise<RestartReport> {
  const lecture = await withSources(system, async (sources) => {
    const lectureId = await makeLecture(sources, { seats: crowd.length, opensInS: 2, seed: 0 });
    return { lectureId, opensAtMs: await untilShown(edgeClient(system.edgeUrl), lectureId) };
  });
  const entries: Entry[] = [];
  let endsAtMs = Number.POSITIVE_INFINITY;
  const edge = edgeClient(system.edgeUrl, { waitS: 5, keepsConnections: false });
  const rush: ChaosRush = {
    edges: { waiting: edge, polling: edge },
    ...lecture,
    endsAtMs: () => endsAtMs,
    record: (entry) => entries.push(entry),
  };
  await Bun.sleep(Math.max(0, lecture.opensAtMs - performance.now()));
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
  endsAtMs = healthyAtMs + BAR.firstSuccessMs + BAR.cleanMs;
  const booked = await load.stop();

  const firstSuccessMs = firstSuccessAfter(entries, killedAtMs, healthyAtMs);
  const { cleanAtMs, breaches } = await untilClean(system, lecture.lectureId);
  const successAtMs = healthyAtMs + (firstSuccessMs ?? 0);
  const cleanMs = cleanAtMs === undefined ? null : Math.round(cleanAtMs - successAtMs);
  return {
    name,
    downMs: Math.round(healthyAtMs - killedAtMs),
    firstSuccessMs,
    cleanMs,
    booked,
    breaches: [
      ...breaches,
      ...system.takeOwnEndings().map((what) => ({ what })),
      ...((firstSuccessMs ?? Number.POSITIVE_INFINITY) > BAR.firstSuccessMs
        ? [{ what: "no seat was confirmed in time" }]
        : []),
      ...((cleanMs ?? Number.POSITIVE_INFINITY) > BAR.cleanMs
        ? [{ what: "no clean audit in time" }]
        : []),
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
    const key = `restart-${rush.lectureId}`;
    const student = { session, key, afterMs: 0, waits: true };
    booking.push(book(rush, student, key, "press").then(({ outcome }) => outcome === "confirmed"));
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

async function untilClean(system: FaultSystem, lectureId: string) {
  const endsAtMs = performance.now() + BAR.cleanMs;
  return await withSources(system, async (sources) => {
    for (;;) {
      const audit = await auditLectures(sources, { lectureIds: [lectureId], waitMs: 0 });
      if (audit.clean) return { cleanAtMs: performance.now(), breaches: [] };
      if (performance.now() > endsAtMs) {
        const found = audit.lectures.flatMap(({ verdicts }) =>
          verdicts.flatMap(({ breaches }) => breaches),
        );
        return { cleanAtMs: undefined, breaches: found };
      }
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
    ...[downMs, firstSuccessMs, cleanMs].map(seconds),
    booked,
    breaches.length,
  ]);
  return tableText(head, rows);
}

function seconds(ms: number | null): string {
  return ms === null ? "never" : (ms / 1_000).toFixed(2);
}
