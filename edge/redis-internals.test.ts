import { expect, test } from "bun:test";
import { redisOver } from "../admission/redis.ts";
import type { RedisRequest } from "../admission/send.ts";
import { sendScriptsBare } from "./redis-internals.ts";

/** What a client sends for a script, and what its caller gets of Redis' reply. */
async function runBy(kind: "library" | "bare", reply: unknown) {
  const bodies: unknown[] = [];
  const send = async ({ body }: RedisRequest) => {
    bodies.push(body);
    return reply;
  };
  const redis = redisOver(send);
  if (kind === "bare") sendScriptsBare(redis, send);
  const [outcome] = await Promise.allSettled([redis.evalsha("5ca1e", ["k1", "k2"], ["a", "7"])]);
  const sent = bodies.map((body) => (body as unknown[]).join(" ").toLowerCase());
  if (outcome.status === "fulfilled") return { sent, result: outcome.value };
  const { name, message } = outcome.reason as Error;
  return { sent, name, refusal: message.includes("NOSCRIPT none") };
}

test("a client that sends scripts bare sends and reads the same as the library", async () => {
  for (const reply of [{ result: ["claimed", "9"] }, { result: null }, { error: "NOSCRIPT none" }])
    expect(await runBy("bare", reply)).toEqual(await runBy("library", reply));
  expect(await runBy("bare", { result: "fine" })).toEqual({
    sent: ["evalsha 5ca1e 2 k1 k2 a 7"],
    result: "fine",
  });
  expect(await runBy("bare", { error: "NOSCRIPT none" })).toMatchObject({ name: "UpstashError" });
});
