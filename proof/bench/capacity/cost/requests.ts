import { type LectureId, ridOf } from "../../../../contract/ids.ts";
import type { Lectures } from "../../lectures.ts";
import { expectAnswers } from "../../load/press.ts";
import type { Student } from "../../load/student.ts";
import { type ByPart, idleMsPerS, rssMbOf } from "../../processes.ts";
import type { Bench } from "../bench.ts";
import { type Written, written } from "../figures/mysql.ts";
import { aofBytes, type KeyKind, memoryByKind } from "../figures/redis.ts";
import { type Crowd, WAIT_S, withCrowd } from "../load/crowd.ts";
import { availabilityRequest, reserveRequest, statusRequest } from "../load/requests.ts";
import { type Meter, type RequestCost, requestMeter } from "./meter.ts";

export interface RequestCosts {
  requests: RequestCost[];
  /** idle CPU use in milliseconds per second */
  idleMsPerS: ByPart;
  /** memory in megabytes, right after the load */
  rssMb: ByPart;
  /** the token buckets in Redis in the middle of a load; full buckets expire */
  limiterKeys: Record<string, KeyKind>;
  /** the bytes and syncs of one confirmed reservation */
  written: { aofBytes: number; redoBytes: number; redoSyncs: number };
}

const CLIENTS = 256;
const LOAD = { clients: CLIENTS, seconds: 5 };
const WARMING_S = 6;
const IDLE_S = 3;
const LECTURES: [Lectures, Lectures] = [
  { count: 16, seats: 1_000_000 },
  { count: 1, seats: 100 },
];
/** Few enough that the edge remembers all their tokens. */
const HOLDERS_MAX = 5_000;

/** The load, its lectures with seats for all, and the meter of its cost. */
interface Measuring {
  crowd: Crowd;
  lectureIds: LectureId[];
  meter: Meter;
}

interface Holder {
  student: Student;
  lectureId: LectureId;
}

/** Presses each kind of request alone, and measures every process' use. */
export async function measureRequests(bench: Bench): Promise<RequestCosts> {
  const { system, tell } = bench;
  const crowd = { connections: CLIENTS, lectures: LECTURES };
  return await withCrowd(bench, crowd, async (crowd, lectureIds, [small = ""] = []) => {
    tell("cost of a request: warming up");
    const limiterKeys = await warmUp(bench, crowd, lectureIds);
    tell("cost of a request: nothing to do");
    const idle = await idleMsPerS(system, IDLE_S);
    const measuring = { crowd, lectureIds, meter: requestMeter(bench, idle) };
    const { holders, requests, ...confirmed } = await confirmedCosts(bench, measuring);
    return {
      requests: [
        ...requests,
        ...(await holdersCosts(measuring, holders)),
        ...(await tooLateCosts(measuring, small)),
      ],
      ...confirmed,
      limiterKeys,
      idleMsPerS: idle,
    };
  });
}

/** Returns the token buckets in the middle of the warm-up. */
async function warmUp({ clients }: Bench, crowd: Crowd, lectureIds: LectureId[]) {
  const booking = crowd.booking(lectureIds, { waitS: 0 });
  const warming = crowd.closed(booking, { clients: CLIENTS, seconds: WARMING_S });
  await Bun.sleep((WARMING_S * 1_000) / 2);
  const kinds = await memoryByKind(clients.direct);
  await warming;
  return Object.fromEntries(Object.entries(kinds).filter(([name]) => name.startsWith("limit")));
}

async function confirmedCosts({ system, clients }: Bench, { crowd, lectureIds, meter }: Measuring) {
  const holders: Holder[] = [];
  const next = () => {
    const lectureId = lectureIds[holders.length % lectureIds.length] ?? "";
    const student = crowd.newStudent();
    holders.push({ student, lectureId });
    return reserveRequest(student, lectureId, { key: "press", waitS: 0 });
  };
  const readWritten = async () => ({
    ...(await written(clients.database)),
    aof: await aofBytes(clients.direct),
  });
  const before = await readWritten();
  const confirmed = await meter("confirmed", "202 pending", () => crowd.closed(next, LOAD));
  const after = await readWritten();
  const booking = crowd.booking(lectureIds, { waitS: WAIT_S });
  const waiting = await meter("confirmedWaiting", "201 confirmed", () =>
    crowd.closed(booking, LOAD),
  );
  const each = (what: keyof Written | "aof") => (after[what] - before[what]) / holders.length;
  return {
    requests: [confirmed, waiting],
    rssMb: rssMbOf(system),
    written: {
      aofBytes: Math.round(each("aof")),
      redoBytes: Math.round(each("redo")),
      redoSyncs: each("syncs"),
    },
    holders: holders.slice(-HOLDERS_MAX),
  };
}

/** Requests of students who hold a seat. */
async function holdersCosts(
  { crowd, lectureIds, meter }: Measuring,
  holders: Holder[],
): Promise<RequestCost[]> {
  const again = holders.map(({ student, lectureId }) =>
    reserveRequest(student, lectureId, { key: "again", waitS: 0 }),
  );
  const status = holders.map(({ student, lectureId }) =>
    statusRequest(student, ridOf(lectureId, student.userId, "press")),
  );
  const availability = lectureIds.map(availabilityRequest);
  const repeat = (requests: string[]) => () => crowd.closed(inTurn(requests), LOAD);
  return [
    await meter("refusedByRedis", "409 already_reserved", repeat(again)),
    await meter("status", "200 confirmed", repeat(status)),
    await meter("availability", "200 open", repeat(availability)),
  ];
}

/** Requests of students who come too late for a small lecture, which others take at once. */
async function tooLateCosts({ crowd, meter }: Measuring, small: LectureId): Promise<RequestCost[]> {
  const [, { seats }] = LECTURES;
  const winners = Array.from({ length: seats }, crowd.booking([small], { waitS: WAIT_S })).values();
  const sold = await crowd.closed(() => winners.next().value, { clients: seats });
  expectAnswers(sold, "201 confirmed");
  const booking = crowd.booking([small], { waitS: 0 });
  const seen = inTurn(Array.from({ length: 1_000 }, booking));
  return [
    await meter("soldOutNewToken", "409 sold_out", () => crowd.closed(booking, LOAD)),
    await meter("soldOutSeenToken", "409 sold_out", () => crowd.closed(seen, LOAD)),
  ];
}

function inTurn(requests: string[]): () => string {
  let at = 0;
  return () => requests[at++ % requests.length] ?? "";
}
