import { afterAll, beforeAll, expect, setSystemTime, spyOn, test } from "bun:test";
import { openRedis } from "../admission/redis.ts";
import { startCountingProxy } from "../test/counting-proxy.ts";
import { addressOf } from "../test/servers.ts";
import { logFailure } from "./log.ts";

const wire = startCountingProxy(addressOf("UPSTASH_REDIS_REST_URL"));
const lines: string[] = [];
const console_ = spyOn(console, "error");
beforeAll(() => {
  console_.mockImplementation((line: string) => {
    lines.push(line);
  });
});
afterAll(async () => {
  console_.mockRestore();
  await wire.close();
});

test("a failure of the Redis client is one line without command, key or token", async () => {
  const token = addressOf("UPSTASH_REDIS_REST_TOKEN");
  const redis = openRedis({ url: wire.url, token, timeoutMs: 2_000 });
  const error: unknown = await redis
    .eval("not lua", ["lectern:{1}:private"], ["s-private"])
    .catch((e) => e);
  expect(String(error)).not.toContain("private");
  logFailure("degraded", "a script", "request-1", error);
  const line = lines.at(-1) ?? "";
  expect(JSON.parse(line)).toMatchObject({
    level: "error",
    event: "degraded",
    what: "a script",
    requestId: "request-1",
  });
  expect(line).not.toContain("private");
  expect(line).not.toContain(token);
  expect(line).not.toContain("\n");
});

test("a line that cannot be written, as on Deno with a full disk, costs nobody an answer", () => {
  console_.mockImplementationOnce(() => {
    throw new Error("No space left on device (os error 28)");
  });
  expect(() => logFailure("internal", "unwritten", "request-1", new Error("x"))).not.toThrow();
});

test("a repeated outage is logged once a second and counted, a fault of ours every time", () => {
  const before = lines.length;
  for (let at = 0; at < 100; at++)
    logFailure("degraded", "often", `request-${at}`, new Error("away"));
  expect(lines.length - before).toBe(1);
  for (let at = 0; at < 3; at++)
    logFailure("internal", "GET", `request-${at}`, new Error("a fault"));
  expect(lines.length - before).toBe(4);
});

test("a clock that is set back silences nothing", () => {
  const before = lines.length;
  logFailure("degraded", "clock", "request-1", new Error("away"));
  const later = performance.now() + 1_000;
  const now = spyOn(performance, "now").mockReturnValue(later);
  setSystemTime(new Date(Date.now() - 900_000));
  logFailure("degraded", "clock", "request-2", new Error("away"));
  setSystemTime();
  now.mockRestore();
  expect(lines.length - before).toBe(2);
});
