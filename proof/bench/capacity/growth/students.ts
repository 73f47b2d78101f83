import { readRefusing } from "../../../../admission/refusing.ts";
import type { LectureId } from "../../../../contract/ids.ts";
import { loadMissing } from "../../../../worker/load.ts";
import { quantile } from "../../overload/load.ts";
import { reservationBytes } from "../figures/mysql.ts";
import { type CommandTimes, countCommand, usedMemory } from "../figures/redis.ts";
import { claimSeats, drainQueue, queueCommands } from "../load/backlog.ts";
import { openCrowd } from "../load/crowd.ts";
import { addSeats, makeLectures, preloadReservations, startEmpty } from "../load/lectures.ts";
import { expectAnswers } from "../load/press.ts";
import type { Bench, Measurement } from "../measurement.ts";
import { type CpuUsed, countCpu, cpuPerOperation } from "../system/processes.ts";

/** The parts' behaviour with this many students holding a seat of one lecture. */
export interface ByStudents {
  students: number;
  redisMb: number;
  mysqlMb: number;
  /** until an empty Redis admits again: one lecture and all its claims, read from MySQL */
  loadSeconds: number;
  claims: { perS: number; inRedis: CommandTimes };
  decisions: { perS: number; cpuMs: CpuUsed };
  /** an edge's half-second look at a sold-out lecture */
  refusing: { medianMs: number; inRedisUs: number; names: number; fromMemory: boolean };
  /** new students who press at the sold-out lecture */
  soldOut: { perS: number; cpuMs: CpuUsed };
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
  return {
    says: `${students.toLocaleString("en")} students hold a seat of one lecture`,
    async measure(bench) {
      const { system, clients, tell } = bench;
      const title = `${students.toLocaleString("en")} students`;
      tell(`${title}: their reservations are written`);
      await startEmpty(system, clients);
      const [lectureId = ""] = await makeLectures(clients, { count: 1, seats: students });
      await preloadReservations(clients, lectureId, students);
      const mysql = await reservationBytes(clients.database);

      tell(`${title}: loading`);
      const empty = await usedMemory(clients.direct);
      const startedMs = performance.now();
      await loadMissing(clients);
      const loadSeconds = (performance.now() - startedMs) / 1_000;
      const redisMb = ((await usedMemory(clients.direct)) - empty) / 1_048_576;

      tell(`${title}: sold out`);
      const refusing = await lookAtRefusing(bench, lectureId);
      const soldOut = await pressInVain(bench, lectureId);

      tell(`${title}: claims and decisions`);
      await addSeats(clients, lectureId, NEW_CLAIMS);
      const { commands, claims } = await claimAtOnce(bench, lectureId);
      await queueCommands(clients, system.brokerOf(4), commands);
      const drained = await drainQueue(system, clients, { decisions: NEW_CLAIMS, partitions: 4 });
      return {
        students,
        redisMb: Math.round(redisMb * 10) / 10,
        mysqlMb: Math.round((mysql.data + mysql.indexes) / 104_857.6) / 10,
        loadSeconds: Math.round(loadSeconds * 100) / 100,
        claims,
        decisions: {
          perS: Math.round(drained.decisions / drained.seconds),
          cpuMs: cpuPerOperation(drained.cpu, drained.decisions),
        },
        refusing,
        soldOut,
      };
    },
  };
}

async function claimAtOnce({ clients }: Bench, lectureId: LectureId) {
  const counted = await countCommand(clients.direct, "evalsha");
  const startedMs = performance.now();
  const commands = await claimSeats(clients, [lectureId], NEW_CLAIMS);
  const seconds = (performance.now() - startedMs) / 1_000;
  const perS = Math.round(NEW_CLAIMS / seconds);
  return { commands, claims: { perS, inRedis: await counted() } };
}

async function lookAtRefusing(
  { clients }: Bench,
  lectureId: LectureId,
): Promise<ByStudents["refusing"]> {
  const counted = await countCommand(clients.direct, "evalsha");
  const times: number[] = [];
  let names = 0;
  for (let look = 0; look < LOOKS; look += 1) {
    const startedMs = performance.now();
    const refusing = await readRefusing(clients.redis, lectureId);
    times.push(performance.now() - startedMs);
    names = refusing?.outcome === "sold_out" ? refusing.holders.size + refusing.released.size : 0;
  }
  return {
    medianMs: Math.round(quantile(times, 0.5) * 100) / 100,
    inRedisUs: (await counted()).meanUs,
    names,
    fromMemory: names > 0,
  };
}

async function pressInVain(
  { system }: Bench,
  lectureId: LectureId,
): Promise<ByStudents["soldOut"]> {
  const crowd = await openCrowd(system, CROWD.clients);
  try {
    const booking = crowd.booking([lectureId], { waitS: 0 });
    await crowd.closed(booking, CROWD_WARMING);
    const counted = countCpu(system);
    const pressed = await crowd.closed(booking, CROWD);
    expectAnswers(pressed, "409 sold_out");
    return {
      perS: Math.round(pressed.count / pressed.seconds),
      cpuMs: cpuPerOperation(counted(), pressed.count),
    };
  } finally {
    crowd.close();
  }
}
