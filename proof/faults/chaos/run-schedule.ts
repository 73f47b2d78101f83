import type { LectureId, Rid } from "../../../contract/ids.ts";
import { listPending } from "../../../pending/read.ts";
import type { Breach } from "../../audit/breach.ts";
import { auditLectures } from "../../audit/check.ts";
import { readDatabase } from "../../audit/read-mysql.ts";
import { readBroker } from "../../audit/read-rabbitmq.ts";
import { readAdmission } from "../../audit/read-redis.ts";
import type { AuditReport } from "../../audit/report.ts";
import { waitForRest } from "../../audit/rest.ts";
import { type AuditSources, openSources } from "../../audit/sources.ts";
import { edgeClient, type SignedInStudent } from "../../kit/edge-client.ts";
import { type Entry, isConclusive } from "../../kit/journal.ts";
import { makeLecture, untilShown } from "../../kit/lecture.ts";
import type { FaultSystem } from "../system/system.ts";
import { breaksLetThrough, drawAmends, playAmends } from "./amends.ts";
import { fillUp } from "./fill-up.ts";
import { type Judgement, judgeChaos } from "./judge.ts";
import { tellNotReady } from "./large-lecture.ts";
import { type Schedule, scheduleLines } from "./schedule.ts";
import { drawChaosStudents } from "./students.ts";
import { type ChaosRush, takePart } from "./take-part.ts";
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

/** From the making of the lecture to its opening, in seconds. */
const OPENS_IN_S = 2;
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
  const lecture = await openLecture(system, schedule);
  const entries: Entry[] = [];
  let endsAtMs = Number.POSITIVE_INFINITY;
  const rush: ChaosRush = {
    edges: {
      waiting: edgeClient(system.edgeUrl, { waitS: 5, keepsConnections: false }),
      polling: edgeClient(system.edgeUrl, { waitS: 0, keepsConnections: false }),
    },
    ...lecture,
    endsAtMs: () => endsAtMs,
    record: (entry) => entries.push(entry),
  };
  const pressing = Promise.all(
    drawChaosStudents(schedule, crowd).map((student) => takePart(rush, student)),
  );
  const amending = withSources(system, (sources) =>
    playAmends(sources, lecture, drawAmends(schedule)),
  );
  const closing = closeLarge(system, large, lecture.opensAtMs);
  const { notBegun, healedAtMs } = await playFaults(system, schedule.faults, {
    ...lecture,
    interrupted,
  });
  await closing;
  endsAtMs = interrupted.aborted ? 0 : healedAtMs + QUIESCE_WITHIN_MS;
  await pressing;
  const undecided = await amending;
  interrupted.throwIfAborted();

  return await withSources(system, async (sources) => {
    const { lectureId } = lecture;
    const waitMs = Math.max(0, healedAtMs + QUIESCE_WITHIN_MS - performance.now());
    const lectureIds = [lectureId, large];
    const admitting = new Set(lectureIds);
    const rest = await waitForRest(sources, { lectureIds, admitting, withQueues: true, waitMs });
    const { stock } = await readDatabase(sources, lectureId);
    const leftOver = await fillUp(rush, {
      seatsLeft: stock?.remaining ?? 0,
      fresh,
      seed: schedule.seed,
    });
    const audit = await auditLectures(sources, { lectureIds: [lectureId] });
    const { rows } = await readDatabase(sources, lectureId);
    const redisLostData = schedule.faults.some(({ fault }) => fault.losesRedisData);
    const { breaches, ...figures } = await judgeChaos({
      lectureId,
      entries,
      rows,
      knownElsewhere: await ridsKnownElsewhere(sources, lectureId),
      redisLostData,
      edgeBroken: schedule.faults.some(({ fault }) => fault.breaksEdge),
    });
    const endings = system.takeOwnEndings().map((what) => ({ what }));
    return {
      seed: schedule.seed,
      lectureId,
      students: schedule.students,
      seats: schedule.seats,
      faults: scheduleLines(schedule),
      notBegun,
      ...figures,
      answers: countAnswers(entries),
      auditBreaches: audit.breaches,
      quiesceMs: rest.reached ? quiesceMs(entries, healedAtMs) : null,
      tookMs: Math.round(performance.now() - startedAtMs),
      breaches: [
        ...breaches,
        ...undecided,
        ...breaksLetThrough(rows, { redisLostData }),
        ...leftOver,
        ...endings,
        ...(rest.reached
          ? []
          : [{ what: `no rest within a minute: ${JSON.stringify(rest.motion)}` }]),
        ...breachesOf(audit),
      ],
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

/** Makes the lecture and waits until the edge shows it. */
async function openLecture(system: FaultSystem, { seats, seed }: Schedule) {
  return await withSources(system, async (sources) => {
    const lectureId = await makeLecture(sources, { seats, seed, opensInS: OPENS_IN_S });
    const opensAtMs = await untilShown(edgeClient(system.edgeUrl), lectureId);
    return { lectureId, opensAtMs };
  });
}

/** Opens the servers directly, on connections untouched by faults. */
export async function withSources<T>(
  { direct }: FaultSystem,
  work: (sources: AuditSources) => Promise<T>,
): Promise<T> {
  const sources = await openSources(direct);
  try {
    return await work(sources);
  } finally {
    await sources.close();
  }
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

function breachesOf({ lectures, broker, unknown }: AuditReport): Breach[] {
  const verdicts = [...lectures.flatMap((lecture) => lecture.verdicts), broker.verdict];
  return [
    ...verdicts.flatMap(({ guarantee, breaches }) =>
      breaches.map((breach) => ({ ...breach, what: `${guarantee}: ${breach.what}` })),
    ),
    ...unknown.map((id) => ({ what: `no server knows lecture ${id}` })),
  ];
}
