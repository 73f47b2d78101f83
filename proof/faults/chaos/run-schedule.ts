import type { LectureId, Rid } from "../../../contract/ids.ts";
import { listPending } from "../../../pending/read.ts";
import type { Breach } from "../../audit/breach.ts";
import { auditLectures } from "../../audit/check.ts";
import { readDatabase } from "../../audit/read-mysql.ts";
import { readBroker } from "../../audit/read-rabbitmq.ts";
import { readAdmission } from "../../audit/read-redis.ts";
import { waitForRest } from "../../audit/rest.ts";
import type { AuditSources } from "../../audit/sources.ts";
import type { SignedInStudent } from "../../kit/edge-client.ts";
import { type Entry, isConclusive } from "../../kit/journal.ts";
import type { FaultSystem } from "../system/system.ts";
import { breachesOf } from "./breaches.ts";
import { fillUp } from "./fill-up.ts";
import { type Judgement, judgeChaos } from "./judge.ts";
import { tellNotReady } from "./large-lecture.ts";
import { openLecture, openRush, withSources } from "./rush.ts";
import { type Schedule, scheduleLines } from "./schedule.ts";
import { drawChaosStudents, takePart } from "./students.ts";
import { playFaults } from "./timeline.ts";

/** The report of one schedule. */
export interface ScheduleReport extends Omit<Judgement, "breaches"> {
  seed: number;
  lectureId: LectureId;
  students: number;
  seats: number;
  faults: string[];
  /** faults that could not begin */
  notBegun: string[];
  /** the number of each answer: `503 unavailable` → 12 */
  answers: Record<string, number>;
  /** breaches found by the audit */
  auditBreaches: number;
  /**
   * from the last heal until every wish accepted before it has its decision, in milliseconds; null
   * if the servers did not rest within a minute
   */
  quiesceMs: number | null;
  tookMs: number;
  breaches: Breach[];
}

export interface ScheduleDeps {
  system: FaultSystem;
  /** every student who may press, signed in */
  crowd: SignedInStudent[];
  /** students who press only at the end */
  fresh: SignedInStudent[];
  /**
   * a lecture with many decisions, set to not ready in every schedule; it must become ready again
   * like the other
   */
  large: LectureId;
  interrupted: AbortSignal;
}

/** When the large lecture is set to not ready, in milliseconds after the opening. */
const CLOSES_LARGE_MS = 2_000;
/** G6: every wish is decided within a minute after the faults heal. */
const QUIESCE_WITHIN_MS = 60_000;

/**
 * Lets a crowd press while the faults of a schedule come and go, heals them, waits for rest, and
 * judges the result.
 */
export async function runSchedule(deps: ScheduleDeps, schedule: Schedule): Promise<ScheduleReport> {
  const { system, crowd, fresh, large, interrupted } = deps;
  const startedAtMs = performance.now();
  const { seed, seats, students } = schedule;
  const rush = openRush(system, await openLecture(system, { seats, seed }));
  const { lectureId, opensAtMs, entries } = rush;
  const pressing = Promise.all(
    drawChaosStudents(schedule, crowd).map((student) => takePart(rush, student)),
  );
  const closing = closeLarge(system, large, opensAtMs);
  const when = { opensAtMs, interrupted };
  const { notBegun, healedAtMs } = await playFaults(system, schedule.faults, when);
  await closing;
  rush.endsAtMs = interrupted.aborted ? 0 : healedAtMs + QUIESCE_WITHIN_MS;
  await pressing;
  interrupted.throwIfAborted();

  return await withSources(system, async (sources) => {
    const waitMs = Math.max(0, healedAtMs + QUIESCE_WITHIN_MS - performance.now());
    const lectureIds = [lectureId, large];
    const admitting = new Set(lectureIds);
    const rest = await waitForRest(sources, { lectureIds, admitting, withQueues: true, waitMs });
    const { stock } = await readDatabase(sources, lectureId);
    const leftOver = await fillUp(rush, { seatsLeft: stock?.remaining ?? 0, fresh, seed });
    const audit = await auditLectures(sources, { lectureIds: [lectureId] });
    const { rows } = await readDatabase(sources, lectureId);
    const { breaches, ...figures } = await judgeChaos({
      lectureId,
      entries,
      rows,
      knownElsewhere: await ridsKnownElsewhere(sources, lectureId),
      redisLostData: schedule.faults.some(({ fault }) => fault.losesRedisData),
      edgeBroken: schedule.faults.some(({ fault }) => fault.breaksEdge),
    });
    return {
      seed,
      lectureId,
      students,
      seats,
      faults: scheduleLines(schedule),
      notBegun,
      ...figures,
      answers: countAnswers(entries),
      auditBreaches: audit.breaches,
      quiesceMs: rest.reached ? quiesceMs(entries, healedAtMs) : null,
      tookMs: Math.round(performance.now() - startedAtMs),
      breaches: [...breaches, ...leftOver, ...breachesOf(system, { rest, audit })],
    };
  });
}

/**
 * Closes the large lecture in mid-rush. If Redis is away at that moment, its return closes the
 * lecture.
 */
async function closeLarge(system: FaultSystem, large: LectureId, opensAtMs: number): Promise<void> {
  await Bun.sleep(Math.max(0, opensAtMs + CLOSES_LARGE_MS - performance.now()));
  await withSources(system, (sources) => tellNotReady(sources, large)).catch(() => {});
}

async function ridsKnownElsewhere(sources: AuditSources, lectureId: LectureId): Promise<Set<Rid>> {
  const { claims, released } = await readAdmission(sources.redis, lectureId);
  const pending = await listPending(sources.zooKeeper, lectureId);
  const { dead } = await readBroker(sources);
  return new Set([
    ...[...claims.values()].flatMap((claim) => ("rid" in claim ? claim.rid : [])),
    ...released.keys(),
    ...pending.flatMap((node) => ("command" in node ? node.command.rid : [])),
    ...dead.flatMap((letter) => ("rid" in letter ? letter.rid : [])),
  ]);
}

/** The time after the heal of the last decision among the wishes accepted before it. */
function quiesceMs(entries: Entry[], healedAtMs: number): number {
  let lastMs = healedAtMs;
  for (const ofKey of Map.groupBy(entries, ({ userId, key }) => `${userId} ${key}`).values()) {
    const accepted = ofKey.find(
      ({ outcome, answeredAtMs }) => outcome === "pending" && answeredAtMs < healedAtMs,
    );
    const settled = ofKey.find(
      (entry) =>
        accepted && entry.answeredAtMs > accepted.answeredAtMs && isConclusive(entry.outcome),
    );
    if (settled) lastMs = Math.max(lastMs, settled.answeredAtMs);
  }
  return Math.round(lastMs - healedAtMs);
}

function countAnswers(entries: Entry[]): Record<string, number> {
  const answers: Record<string, number> = {};
  for (const { status, outcome } of entries) {
    const name = `${status || "-"} ${outcome}`;
    answers[name] = (answers[name] ?? 0) + 1;
  }
  return answers;
}
