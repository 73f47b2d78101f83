import { afterAll, expect, test } from "bun:test";
import pino from "pino";
import { readAvailability } from "../admission/availability.ts";
import { openRedis } from "../admission/redis.ts";
import type { AdmissionRedis } from "../admission/script.ts";
import type { LectureId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { startPrivateRedis } from "../test/private/private-redis.ts";
import { startTestFront, TOKEN } from "../test/private/redis-front.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { eventually } from "../test/servers.ts";
import { handleBatch } from "./batch.ts";
import type { LoaderDeps } from "./deps.ts";
import { loadMissing } from "./load.ts";

// A Redis of its own: no other loader works on it.
const server = await startPrivateRedis();
const front = await startTestFront({ redisUrl: server.url });
const redis = openRedis({ url: front.url, token: TOKEN, timeoutMs: 5_000 });
const room = await openWorkerRoom({ redis });
const stopping = new AbortController();
await loadMissing(room.deps);

afterAll(async () => {
  stopping.abort();
  await room.close();
  await front.close();
  await server.remove();
});

const SMALL_STEPS = { dropped: 2, added: 2, decisions: 4 };

/** Another worker, and the lectures it has loaded. */
function openWorker(changes: Partial<LoaderDeps> = {}) {
  const loaded: LectureId[] = [];
  const write = (line: string) => {
    const { event, lectureId } = JSON.parse(line);
    if (event === "lecture_loaded") loaded.push(lectureId);
  };
  const log = pino({ level: "info" }, { write });
  const deps: LoaderDeps = {
    ...room.deps,
    loader: crypto.randomUUID(),
    loadSizes: SMALL_STEPS,
    stopping: stopping.signal,
    log,
    ...changes,
  };
  return { deps, loaded };
}

/** The same Redis; `happen` runs after every round trip that runs scripts. */
function afterEachTrip(happen: (trips: number) => Promise<unknown>): AdmissionRedis {
  let trips = 0;
  const evalsha: AdmissionRedis["evalsha"] = async (...args) => {
    const reply = await redis.evalsha(...args);
    await happen(++trips);
    return reply as never;
  };
  const pipeline: AdmissionRedis["pipeline"] = () => {
    const commands = redis.pipeline();
    const { exec, evalsha } = commands;
    let scripts = 0;
    return Object.assign(commands, {
      evalsha: (...args: Parameters<typeof commands.evalsha>) => {
        scripts += 1;
        return evalsha(...args);
      },
      exec: async (options: never) => {
        const replies = await exec(options);
        if (scripts > 0) await happen(++trips);
        return replies;
      },
    }) as never;
  };
  return Object.assign(Object.create(redis), { evalsha, pipeline });
}

/** A worker that dies right after the round trip of this number. */
function openDyingWorker(atTrip: number) {
  const died = Promise.withResolvers<void>();
  const dying = afterEachTrip(async (trips) => {
    if (trips < atTrip) return;
    died.resolve();
    await new Promise(() => {});
  });
  return { ...openWorker({ redis: dying }), died: died.promise };
}

async function decidedLecture(users: number): Promise<LectureId> {
  const lectureId = await room.publishLecture(users);
  await loadMissing(room.deps);
  const names = Array.from({ length: users }, (_, at) => `u${at}`);
  await handleBatch(
    room.deps,
    deliveriesOf(await Promise.all(names.map((user) => room.reserve(lectureId, user)))),
  );
  return lectureId;
}

async function tellNotReady(lectureId: LectureId): Promise<void> {
  await redis.hset(redisKeys.lecture(lectureId), { ready: "0" });
}

test("workers that look during a load, however often, do not overtake it", async () => {
  const lectureId = await decidedLecture(20);
  await tellNotReady(lectureId);
  const slow = openWorker({
    redis: afterEachTrip(async () => {
      const other = openDyingWorker(1);
      const looking = loadMissing(other.deps);
      await Promise.race([other.died, looking]);
    }),
  });
  await loadMissing(slow.deps);
  expect(slow.loaded).toEqual([lectureId]);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ state: "sold_out" });
});

test("another worker goes on with a dead loader's lecture, from its last step", async () => {
  const lectureId = await decidedLecture(20);
  await tellNotReady(lectureId);
  const first = openDyingWorker(8);
  void loadMissing(first.deps);
  await first.died;
  const stepThen = await redis.hget(redisKeys.lecture(lectureId), "step");
  await redis.hset(redisKeys.lecture(lectureId), { leaseUntilMs: "0" });
  let steps = 0;
  const second = openWorker({ redis: afterEachTrip(async () => ++steps) });
  await loadMissing(second.deps);
  expect(stepThen).toMatch(/^add:./);
  expect(second.loaded).toEqual([lectureId]);
  expect(steps).toBeLessThan(8);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ state: "sold_out" });
});

test("a new leader goes on with the loads of the leader before it", async () => {
  const lectureIds = [await decidedLecture(3), await decidedLecture(3), await decidedLecture(3)];
  await server.kill();
  await server.start();
  await eventually("the front has found Redis again", async () => {
    return await redis.exists("anything").then(
      () => true,
      () => false,
    );
  });
  let leads = true;
  const first = openWorker({ leads: () => leads });
  first.deps.log.info = ((fields: { event?: string; lectureId?: string }) => {
    if (fields.event !== "lecture_loaded" || !lectureIds.includes(fields.lectureId ?? "")) return;
    first.loaded.push(fields.lectureId ?? "");
    leads = false;
  }) as typeof first.deps.log.info;
  await loadMissing(first.deps);
  expect(await readAvailability(redis, lectureIds[0] ?? "")).toBeUndefined();

  const second = openWorker();
  await loadMissing(second.deps);
  expect(first.loaded.length).toBeGreaterThan(0);
  expect(second.loaded.filter((id) => first.loaded.includes(id))).toEqual([]);
  for (const lectureId of lectureIds)
    expect(await readAvailability(redis, lectureId)).toMatchObject({ state: "sold_out" });
});

test("many lectures' nodes are listed once; a lecture published meanwhile goes first", async () => {
  const many = 250;
  const lectureIds: LectureId[] = [];
  for (let at = 0; at < many; at += 25)
    lectureIds.push(
      ...(await Promise.all(Array.from({ length: 25 }, () => room.publishLecture(2)))),
    );
  let listings = 0;
  let published: Promise<LectureId> | undefined;
  const zooKeeper = {
    ...room.zooKeeper,
    children: (path: string) => {
      listings += 1;
      published ??= room.publishLecture(2);
      return room.zooKeeper.children(path);
    },
  };
  const worker = openWorker({ zooKeeper });
  await loadMissing(worker.deps);
  const meanwhile = (await published) ?? "";
  expect(new Set(worker.loaded)).toEqual(new Set([...lectureIds, meanwhile]));
  expect(listings).toBeLessThan(256 * 20);
  expect(worker.loaded.indexOf(meanwhile)).toBeLessThan(many - 5);
});

test("a pass whose listing of nodes takes long loads all its lectures after it", async () => {
  const lectureIds = await Promise.all(Array.from({ length: 12 }, () => room.publishLecture(2)));
  let listings = 0;
  const zooKeeper = {
    ...room.zooKeeper,
    children: async (path: string) => {
      listings += 1;
      if (listings % 256 === 1) await Bun.sleep(1_100);
      return await room.zooKeeper.children(path);
    },
  };
  const worker = openWorker({ zooKeeper });
  await loadMissing(worker.deps);
  expect(new Set(worker.loaded)).toEqual(new Set(lectureIds));
  expect(listings).toBe(256);
});
