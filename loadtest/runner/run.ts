import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LectureId } from "../../contract/ids.ts";
import { auditLectures } from "../../proof/audit/check.ts";
import type { AuditReport } from "../../proof/audit/report.ts";
import { openSources } from "../../proof/audit/sources.ts";
import { judgeFlatness, type Trend } from "../../proof/faults/chaos/flatness.ts";
import { untilInterrupted } from "../../proof/kit/command.ts";
import { edgeClient } from "../../proof/kit/edge-client.ts";
import type { StackEnvironment } from "../../stack/environment.ts";
import type { Waiting } from "./build-with-go.ts";
import type { K6 } from "./k6.ts";
import { publishLecture } from "./lecture.ts";
import type { LoadOptions } from "./options.ts";
import { press } from "./press.ts";
import { filesMax, type Spent, watchProcesses } from "./processes.ts";
import { mintTokens } from "./tokens.ts";
import { warmUp } from "./warm-up.ts";

export interface LoadTarget {
  /** the directory of the stack's records */
  dir: string;
  environment: StackEnvironment;
}

/**
 * The result of a load run. `kept`: every threshold is green, the audit is clean, and in a soak
 * nothing grew.
 */
export interface LoadReport {
  options: LoadOptions;
  lectureId: LectureId;
  thresholdsKept: boolean;
  /** every metric of k6, by its name */
  metrics: Record<string, Metric>;
  audit: AuditReport;
  processes: Spent[];
  /** of a soak: the memory and the files of every process over time */
  trends: Trend[];
  /** the folder with summary.json, k6.log and, except for the shortest runs, report.html */
  folder: string;
  files: string[];
  kept: boolean;
}

export interface Metric {
  values: Record<string, number>;
  thresholds?: Record<string, { ok: boolean }>;
}

const AUDIT_WAIT_MS = 90_000;
/**
 * The time of k6 to start and to open the page, and its time per user, before the first arrival, in
 * milliseconds.
 */
const START_MS = 30_000;
const START_MS_PER_USER = 3;
const LOOK_EVERY_MS = 1_000;
/** A soak's trend needs so many seconds, with a sample in each: pools and caches fill first. */
const TREND_SECONDS_MIN = 300;
/** Raw workerd's files per connected client, and its files for requests to Redis and the origin. */
const EDGE_FILES_PER_USER = 2;
const EDGE_FILES_ELSE = 8_000;

/**
 * Warms the system up if asked to, publishes a lecture, mints a token per student, runs k6, and
 * audits.
 */
export async function runLoad(
  k6: K6,
  { dir, environment }: LoadTarget,
  options: LoadOptions,
  waiting: Waiting,
): Promise<LoadReport> {
  const { interrupted, tell } = waiting;
  const { script, seats, users } = options;
  refuseTooManyUsers(dir, users);
  const folder = join(dir, "load", `${new Date().toISOString().replaceAll(":", "-")}-${script}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const tokensFile = join(folder, "tokens.json");
  const sources = await openSources({ ...environment, PARTITIONS: Number(environment.PARTITIONS) });
  try {
    const warmed: LectureId[] = [];
    if (options.warmUp > 0)
      warmed.push(await warmUp(sources, environment, options.warmUp, waiting));
    tell(`${script}: making ${options.students} tokens`);
    const tokens = await mintTokens(environment.SESSION_KEYS, options.students, interrupted);
    writeFileSync(tokensFile, JSON.stringify(tokens), { mode: 0o600 });
    const opensAtMs =
      Date.now() + (script === "rush" ? START_MS + users * START_MS_PER_USER : -60_000);
    const edge = edgeClient(environment.EDGE_URL);
    const lectureId = await publishLecture(sources, edge, { seats, opensAtMs });
    const given = {
      EDGE_URL: environment.EDGE_URL,
      LECTURE_ID: lectureId,
      SEATS: String(seats),
      OPENS_AT_MS: String(opensAtMs),
      RATE: String(options.rate),
      SECONDS: String(options.seconds),
      USERS: String(users),
      TOKENS_FILE: tokensFile,
      SUMMARY_FILE: join(folder, "summary.json"),
    };
    const watch = watchProcesses(dir, LOOK_EVERY_MS);
    const pressing = press(k6, { script, given, folder, ...waiting });
    const thresholdsKept = await pressing.finally(watch.stop);
    const processes = watch.spent();
    const { metrics } = await Bun.file(given.SUMMARY_FILE).json();
    tell(`${script}: the audit`);
    const lectureIds = [...warmed, lectureId];
    const auditing = auditLectures(sources, { lectureIds, waitMs: AUDIT_WAIT_MS });
    const audit = await untilInterrupted(auditing, { stop: interrupted });
    const isSoak = script === "soak" && options.seconds >= TREND_SECONDS_MIN;
    const trends = isSoak ? judgeFlatness(watch.samples()) : [];
    const kept = thresholdsKept && audit.clean && trends.every(({ isFlat }) => isFlat);
    const files = ["report.html", "summary.json", "k6.log"].filter((name) =>
      existsSync(join(folder, name)),
    );
    return {
      options,
      lectureId,
      thresholdsKept,
      metrics,
      audit,
      processes,
      trends,
      folder,
      files,
      kept,
    };
  } finally {
    rmSync(tokensFile, { force: true });
    await sources.close();
  }
}

/** Refuses beforehand: raw workerd ends when it may not open another file. */
function refuseTooManyUsers(dir: string, users: number): void {
  const max = filesMax(dir, "edge");
  if (max === undefined || max >= users * EDGE_FILES_PER_USER + EDGE_FILES_ELSE) return;
  const possible = Math.max(0, Math.floor((max - EDGE_FILES_ELSE) / EDGE_FILES_PER_USER));
  throw new Error(
    `the edge may hold ${max} files at once, and ${users} students at work may need more: ` +
      `start the stack with a higher ulimit -n, or press with --users ${possible}`,
  );
}
