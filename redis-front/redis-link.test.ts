import { afterAll, beforeEach, expect, test } from "bun:test";
import { startPrivateRedis } from "../test/private/private-redis.ts";
import {
  type Answer,
  randomKey,
  startTestFront,
  type TestFront,
} from "../test/private/redis-front.ts";
import { eventually } from "../test/servers.ts";

const server = await startPrivateRedis(["--requirepass", "a secret/word"]);
const redisUrl = server.url.replace("//", `//default:${encodeURIComponent("a secret/word")}@`);
const COMMAND_TIMEOUT_MS = 1_500;
const MAX_IN_FLIGHT = 10;
const front = await startTestFront({
  redisUrl,
  commandTimeoutMs: COMMAND_TIMEOUT_MS,
  maxInFlight: MAX_IN_FLIGHT,
});
afterAll(async () => {
  await front.close();
  await server.remove();
});
beforeEach(() => untilConnected(front));

const untilConnected = (on: TestFront) =>
  eventually("the front is connected", async () => (await on.command("PING")).status === 200);
const healthOf = async (on: TestFront) => (await fetch(`${on.url}/healthz`)).status;

/** Fills the front with commands that a frozen Redis does not answer, until the next is refused. */
async function fill(): Promise<{ taken: Promise<Answer>[]; refused: Answer }> {
  const taken = Array.from({ length: MAX_IN_FLIGHT }, () => front.command("PING"));
  return { taken, refused: await untilRefused() };
}

/** Sends commands until one is over the limit, and gives its refusal. The others stay in flight. */
function untilRefused(on = front): Promise<Answer> {
  return eventually("one is refused", async () => {
    const answer = await Promise.race([on.command("PING"), Bun.sleep(20)]);
    return answer?.status === 503 && answer;
  });
}

test("a front answers 503 without its Redis and serves the same data afterwards", async () => {
  const key = randomKey();
  await front.command("SET", key, "kept");
  await server.kill();
  await eventually("it is noticed", async () => (await front.command("PING")).status === 503);
  const down = await front.command("GET", key);
  expect(down).toEqual({ status: 503, json: { error: expect.stringMatching(/^NOTSENT /) } });
  expect(await healthOf(front)).toBe(503);
  await server.start();
  await untilConnected(front);
  expect((await front.command("GET", key)).json).toEqual({ result: "kept" });
  expect(await healthOf(front)).toBe(200);
});

test("commands in flight when Redis dies are answered as unknown, all of them", async () => {
  server.freeze();
  const { taken } = await fill();
  await server.kill();
  for (const answer of await Promise.all(taken)) {
    expect(answer.json).toEqual({ error: expect.stringMatching(/^UNKNOWN /) });
    expect([503, 504]).toContain(answer.status);
  }
  await server.start();
});

test("an overdue reply answers 504, and nothing is sent again", async () => {
  const key = randomKey();
  server.freeze();
  const answer = await front.command("INCR", key);
  expect(answer).toEqual({ status: 504, json: { error: expect.stringMatching(/^UNKNOWN /) } });
  server.thaw();
  await untilConnected(front);
  const { json } = await front.command("INCR", key);
  expect([1, 2]).toContain((json as { result: number }).result);
});

test("a command over the limit in flight is refused at once, and the others go on", async () => {
  server.freeze();
  const { taken, refused } = await fill();
  server.thaw();
  expect(refused.json).toEqual({ error: expect.stringContaining("NOTSENT too many commands") });
  for (const { status } of await Promise.all(taken)) expect(status).toBe(200);
});

test("what Redis is too slow to take waits, and arrives whole", async () => {
  const key = randomKey();
  const letters = [..."abcdefgh"];
  const patient = await startTestFront({
    redisUrl,
    commandTimeoutMs: 60_000,
    maxInFlight: MAX_IN_FLIGHT,
  });
  await untilConnected(patient);
  server.freeze();
  const appends = letters.map((letter) => patient.command("APPEND", key, letter.repeat(1_000_000)));
  await untilRefused(patient);
  server.thaw();
  const statuses = (await Promise.all(appends)).map(({ status }) => status);
  const { json } = await patient.command("GET", key);
  const arrived = (json as { result: string }).result.match(/(.)\1*/g) ?? [];
  expect(arrived.map((run) => run.length)).toEqual(arrived.map(() => 1_000_000));
  expect(arrived.map(([letter]) => letter).sort()).toEqual(
    letters.filter((_, index) => statuses[index] === 200),
  );
  await patient.close();
});

test("a front that starts before its Redis listens, and serves once Redis is there", async () => {
  await server.kill();
  const early = await startTestFront({ redisUrl });
  expect(await healthOf(early)).toBe(503);
  await server.start();
  await untilConnected(early);
  await early.close();
});

test("a front with a wrong password never gets ready, and sends nothing", async () => {
  const wrong = await startTestFront({ redisUrl: server.url });
  expect(await wrong.command("PING")).toMatchObject({ status: 503 });
  expect(await healthOf(wrong)).toBe(503);
  await wrong.close();
});
