import { afterAll, expect, test } from "bun:test";
import { openSend } from "../admission/send.ts";
import { startCountingProxy } from "../test/counting-proxy.ts";
import { addressOf } from "../test/servers.ts";
import { openRoundTrips } from "./round-trips.ts";

const wire = startCountingProxy(addressOf("UPSTASH_REDIS_REST_URL"));
const way = openSend({ url: wire.url, token: addressOf("UPSTASH_REDIS_REST_TOKEN"), timeoutMs: 500 });

afterAll(() => wire.close());

const { redis, together } = openRoundTrips(way);
const key = `test:${crypto.randomUUID()}`;

async function load(source: string): Promise<string> {
  return String(await redis.scriptLoad(source));
}

test("scripts started together travel together, and each gets its own reply", async () => {
  const [echo, number] = [await load("return ARGV[1]"), await load("return tonumber(ARGV[1])")];
  const before = wire.requests.length;
  const started = together(() => [redis.evalsha(echo, [key], ["one"]), redis.evalsha(number, [key], ["2"])]);
  expect(await Promise.all(started)).toEqual(["one", 2]);
  expect(wire.requests.slice(before).map(({ path }) => path)).toEqual(["/pipeline"]);
});

test("an error belongs to the script that failed, and not to its neighbour", async () => {
  const fine = await load("return 'fine'");
  const started = together(() => [redis.evalsha("0".repeat(40), [key], []), redis.evalsha(fine, [key], [])]);
  const [failed, neighbour] = await Promise.allSettled(started);
  expect(failed?.status === "rejected" && String(failed.reason)).toContain("NOSCRIPT");
  expect(neighbour).toEqual({ status: "fulfilled", value: "fine" });
});

test("a script started by itself, or by another request meanwhile, travels by itself", async () => {
  const fine = await load("return 'fine'");
  const before = wire.requests.length;
  const started = together(() => redis.evalsha(fine, [key], []));
  expect(await Promise.all([started, redis.evalsha(fine, [key], [])])).toEqual(["fine", "fine"]);
  expect(
    wire.requests
      .slice(before)
      .map(({ path }) => path)
      .sort(),
  ).toEqual(["/", "/pipeline"]);
});

test("when the round trip fails, so does every script in it", async () => {
  wire.ignores = "";
  const started = together(() => [redis.evalsha("a", [key], []), redis.evalsha("b", [key], [])]);
  const settled = await Promise.allSettled(started);
  wire.ignores = undefined;
  expect(settled.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

test("where requests may wait for each other, what they begin until the sending travels together", async () => {
  const sends: (() => void)[] = [];
  const shared = openRoundTrips(way, (send) => sends.push(send));
  const echo = await load("return ARGV[1]");
  const before = wire.requests.length;
  const asked = ["one", "two"].map((text) =>
    shared.together(() => shared.redis.evalsha(echo, [key], [text])),
  );
  expect(sends).toHaveLength(1);
  sends[0]?.();
  const late = shared.together(() => shared.redis.evalsha(echo, [key], ["late"]));
  sends[1]?.();
  expect(await Promise.all([...asked, late])).toEqual(["one", "two", "late"]);
  expect(wire.requests.length - before).toBe(2);
});

test("a shared round trip has bounds: what comes on top goes with the next", async () => {
  const sends: (() => void)[] = [];
  const shared = openRoundTrips(way, (send) => sends.push(send));
  const echo = await load("return ARGV[1]");
  const asked = Array.from({ length: 301 }, (_, at) =>
    shared.together(() => shared.redis.evalsha(echo, [key], [`n${at}`])),
  );
  for (const send of sends) send();
  expect(sends).toHaveLength(2);
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 301 }, (_, at) => `n${at}`));
});
