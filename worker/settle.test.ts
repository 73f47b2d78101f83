import { afterAll, expect, test } from "bun:test";
import { claim } from "../admission/claim.ts";
import { findClaim } from "../admission/find-claim.ts";
import { findOverdue } from "../admission/find-overdue.ts";
import { readHoldings } from "../admission/holdings.ts";
import { findReady } from "../admission/load.ts";
import { redisOver } from "../admission/redis.ts";
import { openSend, type SendToRedis } from "../admission/send.ts";
import type { LectureId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { addressOf } from "../test/servers.ts";
import { handleBatch } from "./batch.ts";
import { loadMissing } from "./load.ts";

const QUOTA = "ERR max daily request limit exceeded. Limit: 10000, Usage: 10001.";
const send = openSend({
  url: addressOf("UPSTASH_REDIS_REST_URL"),
  token: addressOf("UPSTASH_REDIS_REST_TOKEN"),
  timeoutMs: 5_000,
});
/** number of requests that Redis still answers with an error for each command */
let refusing = 0;
const refused: SendToRedis = async (request) => {
  if (refusing === 0) return await send(request);
  refusing -= 1;
  const error = { error: QUOTA };
  return request.path ? (request.body as unknown[]).map(() => error) : error;
};
const room = await openWorkerRoom({ redis: redisOver(refused) });
const { deps, redis, reserve, cancel } = room;

afterAll(() => room.close());

async function openLecture(): Promise<LectureId> {
  const lectureId = await room.publishLecture(3);
  await loadMissing(deps);
  return lectureId;
}

test("a settlement that a used-up quota held up is made when Redis serves again", async () => {
  const command = await reserve(await openLecture(), "u1");
  await handleBatch(deps, deliveriesOf([command]));
  const give = await cancel(command);
  refusing = 3;
  await handleBatch(deps, deliveriesOf([give]));
  expect(refusing).toBe(0);
  expect(await findClaim(redis, command)).toBeUndefined();
});

test("a settlement refused for a key's type closes its lecture until the key is gone", async () => {
  const lectureId = await openLecture();
  const [stays, goes] = [await reserve(lectureId, "u1"), await reserve(lectureId, "u2")];
  await handleBatch(deps, deliveriesOf([stays, goes]));
  await redis.set(redisKeys.released(lectureId), "not what it should be");
  const give = await cancel(goes);
  expect(await handleBatch(deps, deliveriesOf([give]))).toEqual(["ack"]);
  expect(await findReady(redis, [lectureId])).toEqual(new Set());

  await redis.del(redisKeys.released(lectureId));
  await loadMissing(deps);
  expect(await findReady(redis, [lectureId])).toEqual(new Set([lectureId]));
  expect(await findClaim(redis, goes)).toBeUndefined();
  expect(await findClaim(redis, stays)).toMatchObject({ state: "confirmed" });
  await redis.del(redisKeys.throttle(lectureId, "u2"));
  expect(await claim(redis, goes)).toMatchObject({ outcome: "repeated", state: "cancelled" });
});

test("closing a lecture is tried until Redis takes it", async () => {
  const lectureId = await openLecture();
  const command = await reserve(lectureId, "u1");
  await redis.set(redisKeys.released(lectureId), "not what it should be");
  let failing = 2;
  const unsteady = {
    ...deps,
    redis: redisOver((request) => {
      const [name] = request.body as string[];
      if (name !== "hset" || failing === 0) return refused(request);
      failing -= 1;
      return Promise.reject(new Error("the connection was cut"));
    }),
  };
  await handleBatch(unsteady, deliveriesOf([command]));
  expect(failing).toBe(0);
  expect(await findReady(redis, [lectureId])).toEqual(new Set());
});

test("a refused settlement keeps a load under way from opening the lecture", async () => {
  const lectureId = await openLecture();
  const command = await reserve(lectureId, "u1");
  await redis.hset(redisKeys.lecture(lectureId), { ready: "0", load: "a load under way" });
  await redis.set(redisKeys.released(lectureId), "not what it should be");
  await handleBatch(deps, deliveriesOf([command]));
  expect(await redis.hget(redisKeys.lecture(lectureId), "load")).not.toBe("a load under way");
});

test.each([
  ["which lectures are ready", (id: LectureId) => findReady(redis, [id])],
  ["which claims are overdue", (id: LectureId) => findOverdue(redis, [id], Date.now())],
  ["what lectures hold", (id: LectureId) => readHoldings(redis, [id])],
])("a Redis that answers every command with an error has not said %s", async (_what, ask) => {
  const lectureId = await openLecture();
  refusing = 1;
  await expect(ask(lectureId)).rejects.toThrow("max daily request limit");
});

test("a load that a used-up quota stops is no load, and is done later", async () => {
  const lectureId = await room.publishLecture(3);
  const withoutScripts = {
    ...deps,
    redis: redisOver(async (request) =>
      /^eval/.test((request.body as string[])[0] ?? "") ? { error: QUOTA } : await send(request),
    ),
  };
  await expect(loadMissing(withoutScripts)).rejects.toThrow("max daily request limit");
  await loadMissing(deps);
  expect(await findReady(redis, [lectureId])).toEqual(new Set([lectureId]));
});
