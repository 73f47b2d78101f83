import { readRefusing } from "../../../../admission/refusing.ts";
import type { LectureId } from "../../../../contract/ids.ts";
import { loadMissing } from "../../../../worker/load.ts";
import { prepareCommands } from "../../commands.ts";
import { quantile, rounded, secondsOf } from "../../figures.ts";
import { makeLectures } from "../../lectures.ts";
import { expectAnswers } from "../../load/press.ts";
import { cpuPerOperation, metered, type Rate } from "../../processes.ts";
import type { Bench, Measurement } from "../bench.ts";
import { reservationBytes } from "../figures/mysql.ts";
import { type CommandTimes, countCommand, usedMemory } from "../figures/redis.ts";
import { claimAll, drainQueue, queueAll } from "../load/backlog.ts";
import { openCrowd } from "../load/crowd.ts";
import { addSeats, preloadReservations, startEmpty } from "../load/lectures.ts";

/** The parts' behaviour with this many students holding a seat of one lecture. */
export interface ByStudents {
  students: number;
  redisMb: number;
  mysqlMb: number;
  /** until an empty Redis admits again: one lecture and all its claims, read from MySQL */
  loadSeconds: number;
  claims: { perS: number; inRedis: CommandTimes };
  decisions: Rate;
  /** an edge's half-second look at a sold-out lecture */
  refusing: { medianMs: number; inRedisUs: number; names: number; fromMemory: boolean };
  /** new students who press at the sold-out lecture */
  soldOut: Rate;
}

const NEW_CLAIMS = 20_000;
const LOOKS = 15;
const CROWD = { clients: 256, seconds: 3 };
const CROWD_WARMING = { clients: 256, seconds: 1 };

/**
 * The lecture is first sold out, with as many students as seats. Then it gets more seats, which
 * others take.
 */
export function studentsGrowth(students: number): Measurement<ByStudents> {
  return async (bench) => {
    const { clients, tell } = bench;
    const { database, direct } = clients;
    const title = `${students.toLocaleString("en")} students`;
    tell(`${title}: their reservations are written`);
    await startEmpty(bench);
    const [lectureId = ""] = await makeLectures(clients, { count: 1, seats: students });
    await preloadReservations(clients, lectureId, students);
    const mysql = await reservationBytes(database);
    tell(`${title}: loading`);
    const empty = await usedMemory(direct);
    const loadSeconds = await secondsOf(() => loadMissing(clients));
    const redisBytes = (await usedMemory(direct)) - empty;
    tell(`${title}: sold out`);
    const refusing = await lookAtRefusing(bench, lectureId);
    const soldOut = await pressInVain(bench, lectureId);
    tell(`${title}: claims and decisions`);
    await addSeats(clients, lectureId, NEW_CLAIMS);
    return {
      students,
      redisMb: rounded(redisBytes / 1_048_576, 1),
      mysqlMb: rounded((mysql.data + mysql.indexes) / 1_048_576, 1),
      loadSeconds: rounded(loadSeconds, 2),
      ...(await claimAndDecide(bench, lectureId)),
      refusing,
      soldOut,
    };
  };
}

async function claimAndDecide(
  bench: Bench,
  lectureId: LectureId,
): Promise<Pick<ByStudents, "claims" | "decisions">> {
  const { system, clients } = bench;
  const presses = prepareCommands([lectureId], NEW_CLAIMS);
  const counted = await countCommand(clients.direct, "evalsha");
  const { result: commands, seconds } = await metered(system, () => claimAll(clients, presses));
  const claims = { perS: Math.round(NEW_CLAIMS / seconds), inRedis: await counted() };
  await queueAll(clients, system.brokerOf(4), commands);
  const { decisions } = await drainQueue(bench, { count: NEW_CLAIMS });
  return { claims, decisions };
}

async function lookAtRefusing(
  { clients }: Bench,
  lectureId: LectureId,
): Promise<ByStudents["refusing"]> {
  const counted = await countCommand(clients.direct, "evalsha");
  const times: number[] = [];
  let names = 0;
  const look = async () => {
    const refusing = await readRefusing(clients.redis, lectureId);
    names = refusing?.outcome === "sold_out" ? refusing.holders.size + refusing.released.size : 0;
  };
  while (times.length < LOOKS) times.push(1_000 * (await secondsOf(look)));
  return {
    medianMs: rounded(quantile(times, 0.5), 2),
    inRedisUs: (await counted()).meanUs,
    names,
    fromMemory: names > 0,
  };
}

async function pressInVain({ system }: Bench, lectureId: LectureId): Promise<Rate> {
  const crowd = await openCrowd(system, CROWD.clients);
  try {
    const booking = crowd.booking([lectureId], { waitS: 0 });
    await crowd.closed(booking, CROWD_WARMING);
    const { result: pressed, cpu } = await metered(system, () => crowd.closed(booking, CROWD));
    expectAnswers(pressed, "409 sold_out");
    return {
      perS: Math.round(pressed.count / pressed.seconds),
      cpuMs: cpuPerOperation(cpu, pressed.count),
    };
  } finally {
    crowd.close();
  }
}
