import { afterAll, describe, expect, test } from "bun:test";
import { Redis } from "@upstash/redis";
import { Redis as CloudflareRedis } from "@upstash/redis/cloudflare";
import { randomKey, startTestFront, TOKEN } from "../test/private/redis-front.ts";

const front = await startTestFront();
afterAll(front.close);

const at = { url: front.url, token: TOKEN, enableTelemetry: false };

/** The stock SDK in each of its set-ups. All of them must see the same Redis. */
const clients: [string, Redis][] = [
  ["as it comes", new Redis(at)],
  ["one request a command", new Redis({ ...at, enableAutoPipelining: false })],
  ["without base64", new Redis({ ...at, responseEncoding: false })],
  ["for Cloudflare", new CloudflareRedis(at) as unknown as Redis],
];

describe.each(clients)("the SDK %s", (_, redis) => {
  test("sets and gets text, JSON, numbers and what is not there", async () => {
    const key = randomKey();
    expect(await redis.set(key, "讲座 é \n \u0000 \"'\\ 🎓")).toBe("OK");
    expect(await redis.get<string>(key)).toBe("讲座 é \n \u0000 \"'\\ 🎓");
    await redis.set(key, { seats: 3, tags: ["a", null] });
    expect(await redis.get<object>(key)).toEqual({ seats: 3, tags: ["a", null] });
    expect(await redis.incrby(`${key}:n`, 5)).toBe(5);
    expect(await redis.get<number>(`${key}:n`)).toBe(5);
    expect(await redis.get(`${key}:none`)).toBeNull();
    expect(await redis.set(key, "x", { nx: true })).toBeNull();
    expect(await redis.set<unknown>(key, "OK", { ex: 60, get: true })).toEqual({
      seats: 3,
      tags: ["a", null],
    });
    expect(await redis.get<string>(key)).toBe("OK");
    expect(await redis.mget<(string | null)[]>(key, `${key}:none`)).toEqual(["OK", null]);
    expect(await redis.type(key)).toBe("string");
    expect(await redis.ping()).toBe("PONG");
  });

  test("keeps hashes, sets, lists and sorted sets", async () => {
    const key = randomKey();
    await redis.hset(`${key}:h`, { a: "1x", 讲: "座" });
    expect(await redis.hgetall(`${key}:h`)).toEqual({ a: "1x", 讲: "座" });
    expect(await redis.hget<string>(`${key}:h`, "讲")).toBe("座");
    await redis.sadd(`${key}:s`, "x", "y");
    expect((await redis.smembers<string[]>(`${key}:s`)).sort()).toEqual(["x", "y"]);
    await redis.rpush(`${key}:l`, "x", "y");
    expect(await redis.lrange(`${key}:l`, 0, -1)).toEqual(["x", "y"]);
    await redis.zadd(`${key}:z`, { score: 1.5, member: "x" }, { score: 2, member: "y" });
    expect(await redis.zrange(`${key}:z`, 0, -1, { withScores: true })).toEqual(["x", 1.5, "y", 2]);
    const [cursor, fields] = await redis.hscan(`${key}:h`, 0);
    expect([cursor, fields.length]).toEqual(["0", 4]);
  });

  test("pipelines, with an error for each command that fails", async () => {
    const key = randomKey();
    const results = await redis.pipeline().set(key, "x").get(key).exec<[string, string]>();
    expect(results).toEqual(["OK", "x"]);
    const withErrors = await redis.pipeline().incr(key).get(key).exec({ keepErrors: true });
    expect(withErrors).toMatchObject([
      { error: expect.stringContaining("not an integer") },
      { result: "x" },
    ]);
    await expect(redis.pipeline().incr(key).exec()).rejects.toThrow("not an integer");
  });

  test("runs transactions", async () => {
    const key = randomKey();
    const results = await redis
      .multi()
      .set(key, "OK")
      .append(key, "!")
      .get(key)
      .hgetall(`${key}:h`)
      .exec();
    expect(results).toEqual(["OK", 3, "OK!", null]);
    const bad = redis.multi().set(key, "y").eval("this is not Lua", [], []).get(key);
    await expect(bad.exec()).rejects.toThrow("failed");
  });

  test("runs scripts by text and by SHA1, and sends the text to a Redis without it", async () => {
    const key = randomKey();
    const script = `return {KEYS[1], ARGV[1], {tonumber(ARGV[2]), false, 'OK'}} -- ${key}`;
    const expected = [key, "讲座", [7, null, "OK"]];
    expect(await redis.eval(script, [key], ["讲座", 7])).toEqual(expected);

    const prepared = redis.createScript<unknown[]>(`${script} again`);
    await expect(prepared.evalsha([key], ["讲座", "7"])).rejects.toThrow("NOSCRIPT");
    expect(await prepared.exec([key], ["讲座", "7"])).toEqual(expected);
    expect(await prepared.evalsha([key], ["讲座", "7"])).toEqual(expected);
    expect(await redis.scriptExists(prepared.sha1, "0".repeat(40))).toEqual([1, 0]);
  });

  test("runs scripts that ask for Upstash's own flag", async () => {
    const body = `return redis.call('SET', KEYS[1], ARGV[1]) -- ${randomKey()}`;
    const script = `#!lua flags=allow-key-locking\n${body}`;
    const prepared = redis.createScript(script);
    expect(await prepared.exec([randomKey()], ["x"])).toBe("OK");
    expect(await prepared.evalsha([randomKey()], ["x"])).toBe("OK");
    expect(await redis.scriptExists(prepared.sha1)).toEqual([1]);
    const loaded = await redis.scriptLoad(`${script} loaded`);
    expect(await redis.evalsha(loaded, [randomKey()], ["x"])).toBe("OK");
  });

  test("is given a sync token, and another after each write", async () => {
    const before = redis.readYourWritesSyncToken;
    await redis.set(randomKey(), "x");
    const after = redis.readYourWritesSyncToken;
    expect(after).toMatch(/./);
    expect(after).not.toBe(before);
    await redis.pipeline().set(randomKey(), "x").exec();
    expect(redis.readYourWritesSyncToken).not.toBe(after);
  });

  test("says what Redis said when a command fails", async () => {
    const key = randomKey();
    await redis.set(key, "x");
    await expect(redis.lpush(key, "y")).rejects.toThrow("WRONGTYPE");
  });

  test("carries many large values at once, each to its own caller", async () => {
    const sizes = Array.from({ length: 20 }, (_, index) => index * 37_000);
    const keys = sizes.map(() => randomKey());
    await Promise.all(
      keys.map((key, index) => redis.setrange(key, (sizes[index] as number) + 1, "x")),
    );
    const values = await Promise.all(keys.map((key) => redis.get<string>(key)));
    expect(values.map((value) => value?.length)).toEqual(sizes.map((size) => size + 2));
  });
});

test("the SDK names a wrong token", async () => {
  const redis = new Redis({ ...at, token: "wrong" });
  await expect(redis.get("x")).rejects.toThrow("auth token");
});
