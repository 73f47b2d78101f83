import { settle } from "../../../../admission/settle.ts";
import type { LectureId } from "../../../../contract/ids.ts";
import { redisKeys } from "../../../../contract/names.ts";
import { decide } from "../../../../worker/decide.ts";
import { loadMissing } from "../../../../worker/load.ts";
import { bytesOnDisk } from "../figures/disk.ts";
import { hasBinaryLog, reservationBytes } from "../figures/mysql.ts";
import { memoryByKind, untilExpired, usedMemory } from "../figures/redis.ts";
import { zooKeeperSize } from "../figures/zookeeper.ts";
import { claimSeats, drainQueue, queueCommands } from "../load/backlog.ts";
import { makeLectures, startEmpty, wishMaker } from "../load/lectures.ts";
import type { Bench } from "../measurement.ts";
import { rssMbOf } from "../system/processes.ts";

/** Bytes of memory in Redis. */
export interface RedisBytes {
  /**
   * of one held claim during the rush, with its user's throttle, as the growth of Redis' whole
   * memory
   */
  held: number;
  /** of one confirmed claim, after all expiries */
  confirmed: number;
  /** the same in a lecture of a hundred seats: Redis packs small hashes */
  confirmedOf100: number;
  /** of one released rid */
  released: number;
  /** of one throttle key, without its share of the key table */
  throttle: number;
}

export interface Bytes {
  redis: RedisBytes;
  /**
   * of one row in the primary key's index and in the two others, and whether commits also go to a
   * binary log
   */
  mysql: { row: number; indexes: number; hasBinaryLog: boolean };
  /**
   * of one undecided command: its pending node, its message on disk, and its message's share of the
   * broker's memory
   */
  waiting: { zooKeeper: number; rabbitDisk: number; rabbitMemory: number; message: number };
}

const CLAIMS = 20_000;
const SMALL_SEATS = 100;
const RELEASED = 10_000;
const ROWS = 100_000;
const ROWS_PER_BATCH = 500;
/** Throttle keys live for ten seconds. */
const EXPIRED_WITHIN_MS = 20_000;

/** Follows claims from the rush until rest, and measures their bytes in each server. */
export async function measureBytes(bench: Bench): Promise<Bytes> {
  const { clients, system } = bench;
  bench.tell("bytes: claims and commands that wait");
  await startEmpty(system, clients);
  const [large = ""] = await makeLectures(clients, { count: 1, seats: CLAIMS });
  await loadMissing(clients);
  const { direct } = clients;
  const empty = await usedMemory(direct);
  const commands = await claimSeats(clients, [large], CLAIMS);
  const held = await usedMemory(direct);
  const { throttle } = await memoryByKind(direct);
  const waiting = await weighWaiting(bench, commands);
  bench.tell("bytes: claims at rest");
  await drainQueue(system, clients, { decisions: CLAIMS, partitions: 4 });
  await untilExpired(direct, EXPIRED_WITHIN_MS);
  const confirmed = await usedMemory(direct);
  await system.stopWorker();
  const redis = {
    held: each(held - empty, CLAIMS),
    confirmed: each(confirmed - empty, CLAIMS),
    confirmedOf100: await weighSmallLectures(bench),
    released: await weighReleased(bench, large),
    throttle: each(throttle?.bytes ?? 0, throttle?.keys ?? 1),
  };
  return { redis, waiting, mysql: await weighRows(bench) };
}

async function weighWaiting(
  { clients, system }: Bench,
  commands: Awaited<ReturnType<typeof claimSeats>>,
): Promise<Bytes["waiting"]> {
  const weigh = async () => ({
    zooKeeper: (await zooKeeperSize(system.environment.ZOOKEEPER_URL)).bytes,
    disk: bytesOnDisk(system.dataOf("rabbitmq")),
    memory: rssMbOf(system).rabbitmq * 1_048_576,
  });
  const before = await weigh();
  await queueCommands(clients, system.brokerOf(4), commands);
  await Bun.sleep(1_000);
  const after = await weigh();
  return {
    zooKeeper: each(after.zooKeeper - before.zooKeeper, commands.length),
    rabbitDisk: each(after.disk - before.disk, commands.length),
    rabbitMemory: each(after.memory - before.memory, commands.length),
    message: Buffer.byteLength(JSON.stringify(commands[0])),
  };
}

/** The same number of claims, a hundred per lecture. */
async function weighSmallLectures({ clients }: Bench): Promise<number> {
  const lectureIds = await makeLectures(clients, {
    count: CLAIMS / SMALL_SEATS,
    seats: SMALL_SEATS,
  });
  await loadMissing(clients);
  const commands = await claimSeats(clients, lectureIds, CLAIMS);
  for (const [lectureId, ofLecture] of Map.groupBy(commands, (command) => command.lectureId)) {
    const confirmed = ofLecture.map((command) => ({ ...command, status: "confirmed" as const }));
    await settle(clients.direct.client, lectureId, confirmed);
  }
  const asked = lectureIds.map(
    (id) => ["MEMORY", "USAGE", redisKeys.claims(id), "SAMPLES", "0"] as const,
  );
  const bytes = await clients.direct.ask(...asked);
  return each(
    bytes.reduce<number>((sum, one) => sum + Number(one), 0),
    CLAIMS,
  );
}

async function weighReleased({ clients }: Bench, lectureId: LectureId): Promise<number> {
  const nextWish = wishMaker([lectureId]);
  const before = await usedMemory(clients.direct);
  for (let at = 0; at < RELEASED; at += ROWS_PER_BATCH) {
    const wishes = Array.from({ length: ROWS_PER_BATCH }, nextWish);
    const rejected = wishes.map((wish) => ({
      ...wish,
      status: "rejected" as const,
      claimedAtMs: 0,
    }));
    await settle(clients.direct.client, lectureId, rejected);
  }
  return each((await usedMemory(clients.direct)) - before, RELEASED);
}

/** Rows as the worker writes them: random rids, in batches. */
async function weighRows({ clients, system, tell }: Bench): Promise<Bytes["mysql"]> {
  tell("bytes: rows");
  await startEmpty(system, clients);
  const lectureIds = await makeLectures(clients, { count: 10, seats: ROWS });
  const nextWish = wishMaker(lectureIds);
  const before = await reservationBytes(clients.database);
  for (let at = 0; at < ROWS; at += ROWS_PER_BATCH) {
    const wishes = Array.from({ length: ROWS_PER_BATCH }, nextWish);
    const commands = wishes.map((wish) => ({
      kind: "reserve" as const,
      ...wish,
      claimedAtMs: Date.now(),
    }));
    await decide(clients.database, commands, Date.now());
  }
  const after = await reservationBytes(clients.database);
  return {
    row: each(after.data - before.data, ROWS),
    indexes: each(after.indexes - before.indexes, ROWS),
    hasBinaryLog: await hasBinaryLog(clients.database),
  };
}

function each(bytes: number, count: number): number {
  return Math.round(bytes / count);
}
