import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { auditLectures } from "../../audit/check.ts";
import type { AuditReport } from "../../audit/report.ts";
import { type OpenSources, openSources } from "../../audit/sources.ts";
import type { LectureId } from "../../contract/ids.ts";
import { Keyring } from "../../contract/keyring.ts";
import { insertLecture } from "../../database/lectures.ts";
import { issueSession } from "../../origin/session-token.ts";
import { edgeClient } from "../../rush/edge-client.ts";
import type { StackEnvironment } from "../../stack/environment.ts";
import { ROOT } from "../../stack/layout.ts";
import type { K6 } from "./k6.ts";
import type { LoadOptions } from "./options.ts";

/** How a load run went. `kept` is that every threshold is green and the audit clean. */
export interface LoadReport {
  script: string;
  lectureId: LectureId;
  students: number;
  seats: number;
  rate: number;
  seconds: number;
  thresholds: { passed: boolean; exitCode: number };
  /** every metric of k6, by its name */
  metrics: Record<string, { values: Record<string, number>; thresholds?: Record<string, { ok: boolean }> }>;
  audit: AuditReport;
  /** the folder with summary.json and report.html */
  folder: string;
  kept: boolean;
}

/** Students who press at once, at most: each takes k6 some 0.3 MB. */
const USERS_MAX = 10_000;
const AUDIT_WAIT_MS = 90_000;
const TOKEN_MINUTES = 24 * 60;
/** k6 needs so long to make its users before the first of them may arrive, in milliseconds for each. */
const START_MS_PER_USER = 2;

/** Publishes a lecture, mints a token for each student, has k6 press, and audits the lecture. */
export async function runLoad(
  k6: K6,
  environment: StackEnvironment,
  options: LoadOptions,
): Promise<LoadReport> {
  const { script, students, seats, rate, seconds } = options;
  const folder = join(ROOT, ".stack", "load", `${new Date().toISOString().replaceAll(":", "-")}-${script}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const sources = await openSources({ ...environment, PARTITIONS: Number(environment.PARTITIONS) });
  try {
    const users = Math.min(USERS_MAX, Math.max(50, rate * 30, script === "rush" ? students : 0));
    const opensAtMs = Date.now() + (script === "rush" ? 8_000 + users * START_MS_PER_USER : -60_000);
    const lectureId = await publish(sources, { seats, opensAtMs });
    await untilShown(environment.EDGE_URL, lectureId);
    const tokensFile = join(folder, "tokens.json");
    writeFileSync(tokensFile, JSON.stringify(await mint(environment.SESSION_KEYS, students)), {
      mode: 0o600,
    });
    const given = {
      EDGE_URL: environment.EDGE_URL,
      LECTURE_ID: lectureId,
      OPENS_AT_MS: String(opensAtMs),
      RATE: String(rate),
      SECONDS: String(seconds),
      USERS: String(users),
      TOKENS_FILE: tokensFile,
      SUMMARY_FILE: join(folder, "summary.json"),
    };
    const exitCode = await press(k6, script, given, folder);
    const { metrics } = await Bun.file(given.SUMMARY_FILE).json();
    const audit = await auditLectures(sources, { lectureIds: [lectureId], waitMs: AUDIT_WAIT_MS });
    const kept = exitCode === 0 && audit.clean;
    const thresholds = { passed: exitCode === 0, exitCode };
    return { script, lectureId, students, seats, rate, seconds, thresholds, metrics, audit, folder, kept };
  } finally {
    await sources.close();
  }
}

async function press(k6: K6, script: string, given: Record<string, string>, folder: string): Promise<number> {
  const settings = {
    K6_WEB_DASHBOARD: "true",
    K6_WEB_DASHBOARD_HOST: "127.0.0.1",
    K6_WEB_DASHBOARD_PORT: "0",
    K6_WEB_DASHBOARD_PERIOD: "1s",
    K6_WEB_DASHBOARD_EXPORT: join(folder, "report.html"),
    K6_NO_USAGE_REPORT: "true",
  };
  const variables = Object.entries(given).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  const child = Bun.spawn([...k6, "run", ...variables, join(ROOT, "loadtest", `${script}.ts`)], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...settings },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await Bun.write(join(folder, "k6.log"), await new Response(child.stdout).text());
  return await child.exited;
}

async function publish(
  { database }: OpenSources,
  { seats, opensAtMs }: { seats: number; opensAtMs: number },
): Promise<LectureId> {
  const hourMs = 3_600_000;
  return await insertLecture(database, {
    title: `压力测试 · A load test for ${seats} seats`,
    speaker: "npm run load",
    venue: "-",
    opensAt: new Date(opensAtMs),
    closesAt: new Date(Date.now() + 24 * hourMs),
    startsAt: new Date(Date.now() + 25 * hourMs),
    endsAt: new Date(Date.now() + 26 * hourMs),
    capacity: seats,
  });
}

const SHOWN_WITHIN_MS = 15_000;

async function untilShown(edgeUrl: string, lectureId: LectureId): Promise<void> {
  const endsAtMs = performance.now() + SHOWN_WITHIN_MS;
  while (typeof (await edgeClient(edgeUrl).availability(lectureId)) === "string") {
    if (performance.now() > endsAtMs) throw new Error(`the edge does not show lecture ${lectureId}`);
    await Bun.sleep(50);
  }
}

/** Tokens as the origin signs them, without asking it thousands of times. */
async function mint(sessionKeys: string, students: number): Promise<string[]> {
  const keys = Keyring.parse(sessionKeys);
  const run = crypto.randomUUID().slice(0, 8);
  const issue = async (student: number) => {
    const session = {
      userId: `l-${run}-${student}`,
      role: "student",
      minutes: TOKEN_MINUTES,
      nowMs: Date.now(),
    } as const;
    return (await issueSession(keys, session)).token;
  };
  const tokens: string[] = [];
  for (let student = 0; student < students; student++) tokens.push(await issue(student));
  return tokens;
}
