import type { LectureId } from "../../contract/ids.ts";
import { countPending, listPending } from "../../pending/read.ts";
import { readBookingTerms } from "../../worker/booking-terms.ts";
import { breaksBrokerRest } from "./at-rest.ts";
import { type AgeLimits, judge } from "./breach.ts";
import type { BrokerFacts, LectureFacts } from "./facts.ts";
import { guarantees } from "./guarantees.ts";
import { readDatabase, readLectureIds } from "./read-mysql.ts";
import { readBroker } from "./read-rabbitmq.ts";
import { readAdmission, readCached, readRedisTimeMs, scanLectureIds } from "./read-redis.ts";
import {
  type AuditReport,
  type BrokerReport,
  deadLettersOf,
  figuresOf,
  type LectureReport,
  type Verdict,
} from "./report.ts";
import { type Motion, waitForRest } from "./rest.ts";
import type { AuditSources } from "./sources.ts";

export interface AuditOptions {
  /** audit these lectures alone, and only their messages in the broker; all lectures if absent */
  lectureIds?: LectureId[];
  /**
   * the longest wait for rest before the reading, in milliseconds; 30,000 by default, 0 does not
   * wait
   */
  waitMs?: number;
  limits?: Partial<AgeLimits>;
  onProgress?: (progress: AuditProgress) => void;
}

export type AuditProgress =
  | { step: "waiting"; motion: Motion; waitedMs: number; waitMs: number }
  | { step: "checking"; done: number; total: number };

const DEFAULT_WAIT_MS = 30_000;
const defaultLimits: AgeLimits = { undecidedMs: 60_000, pendingMs: 30_000 };

/**
 * Waits for rest, reads the servers and checks G1 to G7, T1, T2 and K1. Work still under way after
 * the wait breaches G7; the other guarantees hold at any time. Lectures follow one another, each
 * whole in memory: some hundred bytes per claim and row.
 *
 * Rejects if a server cannot be read: then nothing is known.
 */
export async function auditLectures(
  sources: AuditSources,
  options: AuditOptions = {},
): Promise<AuditReport> {
  const { waitMs = DEFAULT_WAIT_MS, onProgress } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const auditedAt = new Date(await readRedisTimeMs(sources.redis)).toISOString();
  const lectureIds = options.lectureIds ?? (await findAll(sources));
  const { lectures: admitted } = await readBookingTerms(sources.database);
  const admitting = new Set(admitted.map(({ lectureId }) => lectureId));
  const rest = await waitForRest(sources, {
    lectureIds,
    admitting,
    withQueues: options.lectureIds === undefined,
    waitMs,
    onLook: (motion, waitedMs) => onProgress?.({ step: "waiting", motion, waitedMs, waitMs }),
  });

  const lectures: LectureReport[] = [];
  const unknown: LectureId[] = [];
  for (const [done, lectureId] of lectureIds.entries()) {
    onProgress?.({ step: "checking", done, total: lectureIds.length });
    const facts = await readLecture(sources, lectureId, admitting.has(lectureId));
    if (isKnown(facts)) lectures.push(reportOn(facts, limits));
    else if (options.lectureIds) unknown.push(lectureId);
  }
  onProgress?.({ step: "checking", done: lectureIds.length, total: lectureIds.length });

  const broker = reportOnBroker(await readBroker(sources), options.lectureIds);
  const verdicts = [...lectures.flatMap((lecture) => lecture.verdicts), broker.verdict];
  const breaches = verdicts.reduce((total, { count }) => total + count, 0);
  const clean = breaches === 0 && unknown.length === 0;
  return { auditedAt, rest, lectures, unknown, broker, breaches, clean };
}

/**
 * All lectures that any server knows, so that remains of a lecture missing in the catalogue are
 * audited too.
 */
async function findAll({
  database,
  catalogue,
  redis,
  zooKeeper,
}: AuditSources): Promise<LectureId[]> {
  const ids = new Set([
    ...(await readLectureIds({ database, catalogue })),
    ...(await scanLectureIds(redis)),
    ...(await countPending(zooKeeper)).keys(),
  ]);
  return [...ids].sort((a, b) => Number(a) - Number(b));
}

/** Reads in the order that facts.ts promises. */
async function readLecture(
  { database, catalogue, redis, zooKeeper }: AuditSources,
  lectureId: LectureId,
  admitting: boolean,
): Promise<LectureFacts> {
  const readAtMs = await readRedisTimeMs(redis);
  const admission = await readAdmission(redis, lectureId);
  const pending = await listPending(zooKeeper, lectureId);
  const cached = await readCached(redis, lectureId);
  const facts = await readDatabase({ database, catalogue }, lectureId);
  const stayed = cached !== null && cached === (await readCached(redis, lectureId));
  return {
    lectureId,
    readAtMs,
    admitting,
    admission,
    pending,
    database: facts,
    ...(stayed && { cached }),
  };
}

/** A lecture of which only the nodes' parents remain, as after a test, is ignored. */
function isKnown({ database, admission, pending }: LectureFacts): boolean {
  const inMySql = database.catalogue || database.stock || database.rows.length > 0;
  const inRedis =
    admission.loaded || admission.claims.size + admission.held.size + admission.released.size > 0;
  return Boolean(inMySql || inRedis || pending.length > 0);
}

function reportOn(facts: LectureFacts, limits: AgeLimits): LectureReport {
  const names = Object.keys(guarantees) as (keyof typeof guarantees)[];
  const verdicts: Verdict[] = names.map((name) => {
    const { promise, breaches } = guarantees[name];
    return { guarantee: name, promise, ...judge(breaches(facts, limits)) };
  });
  const { lectureId, database } = facts;
  return {
    lectureId,
    ...(database.catalogue && { title: database.catalogue.title }),
    figures: figuresOf(facts),
    verdicts,
  };
}

function reportOnBroker(facts: BrokerFacts, lectureIds?: LectureId[]): BrokerReport {
  const wanted = lectureIds ? within(facts, new Set(lectureIds)) : facts;
  const promise = "at rest the queues are empty and every dead letter was decided";
  return {
    queues: facts.queues,
    deadLetters: deadLettersOf(wanted),
    verdict: { guarantee: "G7", promise, ...judge(breaksBrokerRest(wanted)) },
  };
}

/**
 * The broker's facts about some lectures. Queues and unreadable letters name no lecture and are
 * left out.
 */
function within(facts: BrokerFacts, lectureIds: ReadonlySet<LectureId>): BrokerFacts {
  const dead = facts.dead.filter((letter) => "rid" in letter && lectureIds.has(letter.lectureId));
  return { queues: [], dead, deadUnread: 0 };
}
