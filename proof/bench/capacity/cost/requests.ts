import { type LectureId, type Rid, ridOf } from "../../../../contract/ids.ts";
import { written } from "../figures/mysql.ts";
import { aofBytes, type KeyKind, memoryByKind } from "../figures/redis.ts";
import { type Crowd, openCrowd, WAIT_S } from "../load/crowd.ts";
import { makeLectures, startEmpty, untilLoaded } from "../load/lectures.ts";
import { expectAnswers } from "../load/press.ts";
import { availabilityRequest, reserveRequest, statusRequest } from "../load/requests.ts";
import type { Student } from "../load/student.ts";
import type { Bench } from "../measurement.ts";
import { type ByPart, rssMbOf } from "../system/processes.ts";
import { type Meter, measureIdle, type RequestCost, requestMeter } from "./meter.ts";

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
const SECONDS = 5;
const SEATS = 1_000_000;
/** Few enough that the edge remembers all their tokens. */
const HOLDERS_MAX = 5_000;

/** Presses each kind of request alone, and measures every process' use. */
export async function measureRequests(bench: Bench): Promise<RequestCosts> {
  const { system, clients } = bench;
  await startEmpty(system, clients);
  const lectureIds = await makeLectures(clients, { count: 16, seats: SEATS });
  const [small = ""] = await makeLectures(clients, { count: 1, seats: 100 });
  await system.startWorker();
  await untilLoaded(clients, [...lectureIds, small]);
  const crowd = await openCrowd(system, CLIENTS);
  try {
    bench.tell("cost of a request: warming up");
    const limiterKeys = await warmUp(bench, crowd, lectureIds);
    const idleMsPerS = await measureIdle(bench);
    const meter = requestMeter(bench, idleMsPerS);
    const { holders, ...confirmed } = await confirmedCosts(bench, { crowd, lectureIds, meter });
    const others = await otherCosts({ crowd, lectureIds, small, holders, meter });
    return { ...confirmed, requests: [...confirmed.requests, ...others], limiterKeys, idleMsPerS };
  } finally {
    crowd.close();
  }
}

const WARMING_S = 6;

/** Returns the token buckets in the middle of the warm-up. */
async function warmUp({ clients }: Bench, crowd: Crowd, lectureIds: LectureId[]) {
  const warming = crowd.closed(crowd.booking(lectureIds, { waitS: 0 }), {
    clients: CLIENTS,
    seconds: WARMING_S,
  });
  await Bun.sleep((WARMING_S * 1_000) / 2);
  const kinds = await memoryByKind(clients.direct);
  await warming;
  return limiterKeysIn(kinds);
}

function limiterKeysIn(kinds: Record<string, KeyKind>): Record<string, KeyKind> {
  return Object.fromEntries(Object.entries(kinds).filter(([name]) => name.startsWith("limit")));
}

async function confirmedCosts(
  { system, clients }: Bench,
  { crowd, lectureIds, meter }: { crowd: Crowd; lectureIds: LectureId[]; meter: Meter },
) {
  const holders: { student: Student; lectureId: LectureId }[] = [];
  const next = () => {
    const lectureId = lectureIds[holders.length % lectureIds.length] ?? "";
    const student = crowd.newStudent();
    holders.push({ student, lectureId });
    return reserveRequest(student, lectureId, { key: "press", waitS: 0 });
  };
  const before = { mysql: await written(clients.database), aof: await aofBytes(clients.direct) };
  const confirmed = await meter("confirmed", "202 pending", () =>
    crowd.closed(next, { clients: CLIENTS, seconds: SECONDS }),
  );
  const after = { mysql: await written(clients.database), aof: await aofBytes(clients.direct) };
  const waiting = await meter("confirmedWaiting", "201 confirmed", () =>
    crowd.closed(crowd.booking(lectureIds, { waitS: WAIT_S }), {
      clients: CLIENTS,
      seconds: SECONDS,
    }),
  );
  const each = (bytes: number) => Math.round(bytes / holders.length);
  return {
    requests: [confirmed, waiting],
    rssMb: rssMbOf(system),
    written: {
      aofBytes: each(after.aof - before.aof),
      redoBytes: each(after.mysql.redo - before.mysql.redo),
      redoSyncs: (after.mysql.syncs - before.mysql.syncs) / holders.length,
    },
    holders: holders.slice(-HOLDERS_MAX),
  };
}

/** Requests of students who hold a seat, and of students who come too late. */
async function otherCosts({
  crowd,
  lectureIds,
  small,
  holders,
  meter,
}: {
  crowd: Crowd;
  lectureIds: LectureId[];
  small: LectureId;
  holders: { student: Student; lectureId: LectureId }[];
  meter: Meter;
}): Promise<RequestCost[]> {
  const load = { clients: CLIENTS, seconds: SECONDS };
  const once = { clients: 100, seconds: SECONDS };
  const again = inTurn(
    holders.map(({ student, lectureId }) =>
      reserveRequest(student, lectureId, { key: "again", waitS: 0 }),
    ),
  );
  const rids: Rid[] = holders.map(({ student, lectureId }) =>
    ridOf(lectureId, student.userId, "press"),
  );
  const status = inTurn(holders.map(({ student }, at) => statusRequest(student, rids[at] ?? "")));
  const availability = inTurn(lectureIds.map(availabilityRequest));
  const costs = [
    await meter("refusedByRedis", "409 already_reserved", () => crowd.closed(again, load)),
    await meter("status", "200 confirmed", () => crowd.closed(status, load)),
    await meter("availability", "200 open", () => crowd.closed(availability, load)),
  ];
  await sellOut(crowd, small, once.clients);
  const tooLate = Array.from({ length: 1_000 }, () =>
    reserveRequest(crowd.newStudent(), small, { key: "press", waitS: 0 }),
  );
  return [
    ...costs,
    await meter("soldOutNewToken", "409 sold_out", () =>
      crowd.closed(crowd.booking([small], { waitS: 0 }), load),
    ),
    await meter("soldOutSeenToken", "409 sold_out", () => crowd.closed(inTurn(tooLate), load)),
  ];
}

/** As many students as seats take all the seats. */
async function sellOut(crowd: Crowd, lectureId: LectureId, seats: number): Promise<void> {
  let left = seats;
  const booking = crowd.booking([lectureId], { waitS: WAIT_S });
  const next = () => {
    left -= 1;
    return left < 0 ? undefined : booking();
  };
  expectAnswers(await crowd.closed(next, { clients: Math.min(seats, CLIENTS) }), "201 confirmed");
}

function inTurn(requests: string[]): () => string {
  let at = 0;
  return () => requests[at++ % requests.length] ?? "";
}
