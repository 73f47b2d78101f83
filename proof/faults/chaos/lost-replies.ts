import { type IdempotencyKey, type LectureId, ridOf } from "../../../contract/ids.ts";
import { inParallel } from "../../../pending/in-parallel.ts";
import type { Breach } from "../../audit/breach.ts";
import { auditLectures } from "../../audit/check.ts";
import { readDatabase } from "../../audit/read-mysql.ts";
import { readAdmission } from "../../audit/read-redis.ts";
import { openBar } from "../../kit/bar.ts";
import {
  type EdgeAnswer,
  type EdgeClient,
  edgeClient,
  type SignedInStudent,
} from "../../kit/edge-client.ts";
import { startFaultProxy } from "../proxy/proxy.ts";
import type { FaultSystem } from "../system/system.ts";
import { breachesOf, breachLines, verdictText } from "./breaches.ts";
import type { RunContext } from "./chaos.ts";
import { openLecture, withSources } from "./rush.ts";
import { signInStudents } from "./students.ts";

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
  const targetPort = Number(new URL(system.edgeUrl).port);
  const proxy = await startFaultProxy({ port: 0, targetPort });
  const edge = edgeClient(`http://127.0.0.1:${proxy.port}`, { waitS: 0 });
  const bar = openBar("asking", CLIENTS);
  try {
    const lecture = { seats: CLIENTS, openForMin: OPEN_FOR_MIN };
    const { lectureId, opensAtMs } = await openLecture(system, lecture);
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

/** Repeats the request, alone and several at once. Returns the answers that arrived. */
async function askAgainAndAgain(
  edge: EdgeClient,
  { token }: SignedInStudent,
  lectureId: LectureId,
): Promise<EdgeAnswer[]> {
  const answers: EdgeAnswer[] = [];
  for (let round = 0; answers.length < REQUESTS; round += 1) {
    const count = Math.min(REQUESTS - answers.length, round % 2 === 0 ? 1 : OVERLAPPING);
    const asking = Array.from({ length: count }, () => edge.reserve(token, lectureId, KEY));
    answers.push(...(await Promise.all(asking)));
  }
  return answers.filter(({ outcome }) => outcome !== "no_answer");
}

function* unexpected({ userId }: SignedInStudent, answers: EdgeAnswer[]): Iterable<Breach> {
  for (const { outcome, status, detail } of answers) {
    if (outcome === "confirmed" || outcome === "pending") continue;
    yield { what: `was answered ${status} ${outcome}${detail ? `: ${detail}` : ""}`, userId };
  }
}

async function judge(
  system: FaultSystem,
  lectureId: LectureId,
  students: SignedInStudent[],
  told: EdgeAnswer[][],
): Promise<LostRepliesReport> {
  return await withSources(system, async (sources) => {
    const audit = await auditLectures(sources, { lectureIds: [lectureId] });
    const { rows } = await readDatabase(sources, lectureId);
    const { claims } = await readAdmission(sources.redis, lectureId);
    const expected = students.map(({ userId }) => ridOf(lectureId, userId, KEY));
    const ridsOf = {
      told: new Set(told.flat().flatMap(({ rid }) => rid ?? [])),
      mysql: new Set(rows.filter(({ status }) => status === "confirmed").map(({ rid }) => rid)),
      redis: new Set([...claims.values()].flatMap((claim) => ("rid" in claim ? claim.rid : []))),
    };
    const breaches: Breach[] = [];
    for (const [where, rids] of Object.entries(ridsOf)) {
      const wrong = rids.symmetricDifference(new Set(expected)).size;
      const what = `${where}: ${rids.size} reservations, ${wrong} of them not as expected`;
      if (wrong > 0) breaches.push({ what });
    }
    if (rows.length !== CLIENTS)
      breaches.push({ what: `${rows.length} rows in MySQL, ${CLIENTS} must be` });
    breaches.push(...students.flatMap((student, at) => [...unexpected(student, told[at] ?? [])]));
    breaches.push(...breachesOf(system, { audit }));
    return {
      clean: breaches.length === 0,
      requests: CLIENTS * REQUESTS,
      answered: told.flat().length,
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
    ...breachLines(breaches),
    verdictText(breaches.length === 0, `${breaches.length} breaches`),
  ].join("\n");
}
