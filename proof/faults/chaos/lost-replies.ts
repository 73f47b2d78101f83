import pc from "picocolors";
import { type IdempotencyKey, type LectureId, type Rid, ridOf } from "../../../contract/ids.ts";
import { inParallel } from "../../../pending/in-parallel.ts";
import type { Breach } from "../../audit/breach.ts";
import { auditLectures } from "../../audit/check.ts";
import { readDatabase } from "../../audit/read-mysql.ts";
import { readAdmission } from "../../audit/read-redis.ts";
import { openBar } from "../../kit/bar.ts";
import { type EdgeClient, edgeClient, type SignedInStudent } from "../../kit/edge-client.ts";
import { makeLecture, untilShown } from "../../kit/lecture.ts";
import { startFaultProxy } from "../proxy/proxy.ts";
import type { FaultSystem } from "../system/system.ts";
import type { RunContext } from "./chaos.ts";
import { withSources } from "./run-schedule.ts";
import { signInStudents } from "./sign-in.ts";

export interface LostRepliesReport {
  clean: boolean;
  requests: number;
  answered: number;
  /**
   * distinct reservations in the clients' answers, in MySQL's confirmed rows and in Redis' claims
   */
  rids: { told: number; mysql: number; redis: number };
  breaches: Breach[];
}

/** Limits that let a user of this run send everything at once. */
export const UNLIMITED = {
  USER_BUCKET_TOKENS: "100000",
  USER_BUCKET_REFILL_PER_S: "100000",
  ADDRESS_BUCKET_TOKENS: "10000000",
  ADDRESS_BUCKET_REFILL_PER_S: "10000000",
  READ_BUCKET_TOKENS: "10000000",
  READ_BUCKET_REFILL_PER_S: "10000000",
};

/** A key belongs to its user, so all users may share this one. */
const KEY: IdempotencyKey = "the-same-request";
const CLIENTS = 1_000;
/** identical requests of each client */
const REQUESTS = 100;
const LOST_SHARE = 0.3;
/** Far longer than the run takes on any machine. */
const OPEN_FOR_MIN = 120;
const CLIENTS_AT_A_TIME = 64;
/** Identical requests in flight at once, in every other round of a client. */
const OVERLAPPING = 4;

/**
 * Every client repeats the same request, in sequence and in parallel, through a proxy that loses a
 * share of the replies with their connections. However often a client asks, it has one reservation.
 */
export async function runLostReplies({
  system,
  interrupted,
  say,
}: RunContext): Promise<LostRepliesReport> {
  const students = await signInStudents(system.edgeUrl, CLIENTS, "again");
  const proxy = await startFaultProxy({
    port: 0,
    targetPort: Number(new URL(system.edgeUrl).port),
  });
  const edge = edgeClient(`http://127.0.0.1:${proxy.port}`, { waitS: 0 });
  const bar = openBar("asking", CLIENTS);
  try {
    const { lectureId, opensAtMs } = await withSources(system, async (sources) => {
      const lecture = await makeLecture(sources, {
        seats: CLIENTS,
        opensInS: 2,
        seed: 0,
        openForMin: OPEN_FOR_MIN,
      });
      return { lectureId: lecture, opensAtMs: await untilShown(edge, lecture) };
    });
    await Bun.sleep(opensAtMs - performance.now() + 100);
    const startedAtMs = performance.now();
    proxy.set({ kind: "lose_reply", share: LOST_SHARE });
    const told = await inParallel(students, CLIENTS_AT_A_TIME, async (student) => {
      interrupted.throwIfAborted();
      const answers = await askAgainAndAgain(edge, student, lectureId);
      bar.add();
      return answers;
    });
    const tookMs = Math.round(performance.now() - startedAtMs);
    proxy.heal();
    const report = await judge(system, lectureId, students, told);
    say(lostRepliesText(report, tookMs));
    return report;
  } finally {
    bar.end();
    await proxy.close();
  }
}

interface Told {
  answered: number;
  rids: Set<Rid>;
  unexpected: string[];
}

async function askAgainAndAgain(
  edge: EdgeClient,
  { token }: SignedInStudent,
  lectureId: LectureId,
): Promise<Told> {
  const told: Told = { answered: 0, rids: new Set(), unexpected: [] };
  for (let sent = 0, round = 0; sent < REQUESTS; round += 1) {
    const count = Math.min(REQUESTS - sent, round % 2 === 0 ? 1 : OVERLAPPING);
    const answers = await Promise.all(
      Array.from({ length: count }, () => edge.reserve(token, lectureId, KEY)),
    );
    sent += count;
    for (const { outcome, rid, status, detail } of answers) {
      if (outcome === "no_answer") continue;
      told.answered += 1;
      if (rid) told.rids.add(rid);
      if (outcome !== "confirmed" && outcome !== "pending")
        told.unexpected.push(`was answered ${status} ${outcome}${detail ? `: ${detail}` : ""}`);
    }
  }
  return told;
}

async function judge(
  system: FaultSystem,
  lectureId: LectureId,
  students: SignedInStudent[],
  told: Told[],
): Promise<LostRepliesReport> {
  return await withSources(system, async (sources) => {
    const audit = await auditLectures(sources, { lectureIds: [lectureId] });
    const { rows } = await readDatabase(sources, lectureId);
    const { claims } = await readAdmission(sources.redis, lectureId);
    const expected = students.map(({ userId }) => ridOf(lectureId, userId, KEY));
    const ridsOf = {
      told: new Set(told.flatMap(({ rids }) => [...rids])),
      mysql: new Set(rows.filter(({ status }) => status === "confirmed").map(({ rid }) => rid)),
      redis: new Set([...claims.values()].flatMap((claim) => ("rid" in claim ? claim.rid : []))),
    };
    const breaches: Breach[] = [];
    for (const [where, rids] of Object.entries(ridsOf)) {
      const wrong = rids.symmetricDifference(new Set(expected)).size;
      if (wrong > 0)
        breaches.push({
          what: `${where}: ${rids.size} reservations, ${wrong} of them not as expected`,
        });
    }
    if (rows.length !== CLIENTS)
      breaches.push({ what: `${rows.length} rows in MySQL, ${CLIENTS} must be` });
    for (const [at, { unexpected }] of told.entries())
      for (const what of unexpected) breaches.push({ what, userId: students[at]?.userId ?? "" });
    if (!audit.clean) breaches.push({ what: `the audit found ${audit.breaches} breaches` });
    for (const what of system.takeOwnEndings()) breaches.push({ what });
    return {
      clean: breaches.length === 0,
      requests: CLIENTS * REQUESTS,
      answered: told.reduce((sum, one) => sum + one.answered, 0),
      rids: { told: ridsOf.told.size, mysql: ridsOf.mysql.size, redis: ridsOf.redis.size },
      breaches,
    };
  });
}

function lostRepliesText(
  { requests, answered, rids, breaches }: LostRepliesReport,
  tookMs: number,
): string {
  const lost = ((1 - answered / requests) * 100).toFixed(1);
  return [
    `${requests} requests in ${(tookMs / 1_000).toFixed(0)} s, ${answered} answered, ${lost} % without an answer`,
    `reservations: ${rids.told} told, ${rids.mysql} in MySQL, ${rids.redis} in Redis`,
    ...breaches.slice(0, 20).map(({ what, userId }) => pc.red(`  ${userId ?? ""} ${what}`)),
    (breaches.length === 0 ? pc.green : pc.red)(`${breaches.length} breaches`),
  ].join("\n");
}
