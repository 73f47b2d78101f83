import { settle } from "../../../../admission/settle.ts";
import type { ReserveCommand } from "../../../../contract/command.ts";
import type { LectureId } from "../../../../contract/ids.ts";
import { redisKeys } from "../../../../contract/names.ts";
import { paths } from "../../../../stack/layout.ts";
import { decide } from "../../../../worker/decide.ts";
import { loadMissing } from "../../../../worker/load.ts";
import { chunksOf } from "../../chunks.ts";
import { prepareCommands } from "../../commands.ts";
import { makeLectures } from "../../lectures.ts";
import { rssMbOf } from "../../processes.ts";
import type { Bench } from "../bench.ts";
import { bytesOnDisk } from "../figures/disk.ts";
import { hasBinaryLog, reservationBytes } from "../figures/mysql.ts";
import { bytesOfKeys, memoryByKind, untilExpired, usedMemory } from "../figures/redis.ts";
import { zooKeeperBytes } from "../figures/zookeeper.ts";
import { claimAll, drainQueue, queueAll } from "../load/backlog.ts";
import { onlyLectures, startEmpty } from "../load/lectures.ts";

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
  const { clients, system, tell } = bench;
  const { direct } = clients;
  tell("bytes: claims and commands that wait");
  const large = await onlyLectures(bench, { count: 1, seats: CLAIMS });
  const empty = await usedMemory(direct);
  const commands = await claimAll(clients, prepareCommands(large, CLAIMS));
  const held = await usedMemory(direct);
  const { throttle } = await memoryByKind(direct);
  const waiting = await weighWaiting(bench, commands);
  tell("bytes: claims at rest");
  await drainQueue(bench, { count: CLAIMS });
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
  commands: ReserveCommand[],
): Promise<Bytes["waiting"]> {
  const weigh = async () => ({
    zooKeeper: await zooKeeperBytes(system.environment.ZOOKEEPER_URL),
    disk: bytesOnDisk(paths.data(system.dir, "rabbitmq")),
    memory: rssMbOf(system).rabbitmq * 1_048_576,
  });
  const before = await weigh();
  await queueAll(clients, system.brokerOf(4), commands);
  await Bun.sleep(1_000);
  const after = await weigh();
  const grown = (what: keyof typeof after) => each(after[what] - before[what], commands.length);
  return {
    zooKeeper: grown("zooKeeper"),
    rabbitDisk: grown("disk"),
    rabbitMemory: grown("memory"),
    message: Buffer.byteLength(JSON.stringify(commands[0])),
  };
}

/** The same number of claims, a hundred per lecture. */
async function weighSmallLectures({ clients }: Bench): Promise<number> {
  const lectures = { count: CLAIMS / SMALL_SEATS, seats: SMALL_SEATS };
  const lectureIds = await makeLectures(clients, lectures);
  await loadMissing(clients);
  const commands = await claimAll(clients, prepareCommands(lectureIds, CLAIMS));
  for (const [lectureId, ofLecture] of Map.groupBy(commands, (command) => command.lectureId)) {
    const confirmed = ofLecture.map((command) => ({ ...command, status: "confirmed" as const }));
    await settle(clients.direct.client, lectureId, confirmed);
  }
  const bytes = await bytesOfKeys(clients.direct, lectureIds.map(redisKeys.claims));
  return each(
    bytes.reduce((sum, one) => sum + one, 0),
    CLAIMS,
  );
}

async function weighReleased({ clients: { direct } }: Bench, large: LectureId[]): Promise<number> {
  const before = await usedMemory(direct);
  for (const commands of chunksOf(prepareCommands(large, RELEASED), ROWS_PER_BATCH)) {
    const verdict = { status: "rejected" as const, claimedAtMs: 0 };
    const rejected = commands.map((command) => ({ ...command, ...verdict }));
    await settle(direct.client, large[0] ?? "", rejected);
  }
  return each((await usedMemory(direct)) - before, RELEASED);
}

/** Rows as the worker writes them: random rids, in batches. */
async function weighRows(bench: Bench): Promise<Bytes["mysql"]> {
  const { database } = bench.clients;
  bench.tell("bytes: rows");
  await startEmpty(bench);
  const lectureIds = await makeLectures(bench.clients, { count: 10, seats: ROWS });
  const before = await reservationBytes(database);
  for (const commands of chunksOf(prepareCommands(lectureIds, ROWS), ROWS_PER_BATCH))
    await decide(database, commands, Date.now());
  const after = await reservationBytes(database);
  return {
    row: each(after.data - before.data, ROWS),
    indexes: each(after.indexes - before.indexes, ROWS),
    hasBinaryLog: await hasBinaryLog(database),
  };
}

function each(bytes: number, count: number): number {
  return Math.round(bytes / count);
}
