import { afterAll, expect, test } from "bun:test";
import { Redis } from "@upstash/redis";
import { startPrivateRedis } from "../test/private/private-redis.ts";
import { startTestFront, TOKEN } from "../test/private/redis-front.ts";
import { eventually } from "../test/servers.ts";

const server = await startPrivateRedis();
const front = await startTestFront({ redisUrl: server.url, maxStreams: 3 });
const redis = new Redis({ url: front.url, token: TOKEN, enableTelemetry: false });
afterAll(async () => {
  await front.close();
  await server.remove();
});

const authorization = `Bearer ${TOKEN}`;
const open = (path: string, init: RequestInit = {}) =>
  fetch(front.url + path, { ...init, headers: { authorization } });

/** How many connections listen to the channel. */
async function listeners(channel: string): Promise<number> {
  const { json } = await front.command("PUBSUB", "NUMSUB", channel);
  return (json as { result: [string, number] }).result[1];
}

const untilListeners = (channel: string, count: number) =>
  eventually(`${count} listen to ${channel}`, async () => (await listeners(channel)) === count);

test("the SDK's subscriber hears every message, text with line breaks and commas too", async () => {
  const heard: unknown[] = [];
  const subscriber = redis.subscribe(["news"]);
  subscriber.on("message", (event) => heard.push(event));
  await untilListeners("news", 1);
  for (const message of [{ seats: 1 }, "a, b", "two\nlines\r\nmessage,news,fake", "讲座", 7]) {
    await redis.publish("news", message);
  }
  await eventually("all are heard", async () => heard.length === 5);
  expect(heard).toEqual(
    [{ seats: 1 }, "a, b", "two\nlines\r\nmessage,news,fake", "讲座", 7].map((message) => ({
      channel: "news",
      message,
    })),
  );
  await subscriber.unsubscribe();
  await untilListeners("news", 0);
});

test("the SDK's pattern subscriber hears of every channel that matches", async () => {
  const heard: unknown[] = [];
  const subscriber = redis.psubscribe(["lecture:*"]);
  subscriber.on("pmessage", (event) => heard.push(event));
  await eventually(
    "somebody listens",
    async () => (await redis.publish("lecture:1", { seats: 0 })) === 1,
  );
  await eventually("it is heard", async () => heard.length > 0);
  expect(heard[0]).toEqual({ pattern: "lecture:*", channel: "lecture:1", message: { seats: 0 } });
  await subscriber.unsubscribe();
});

test("the events are one line each, from the confirmation on", async () => {
  const gone = new AbortController();
  const response = await open("/subscribe/a/b%2Fc", { signal: gone.signal });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(response.headers.get("x-accel-buffering")).toBe("no");
  await untilListeners("b/c", 1);
  await redis.publish("b/c", "hello");
  const wanted = "data: subscribe,a,1\n\ndata: subscribe,b/c,2\n\ndata: message,b/c,hello\n\n";
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.length >= wanted.length) break;
  }
  expect(text).toBe(wanted);
  gone.abort();
  await untilListeners("a", 0);
});

test("more streams than allowed answer 503, and one that ends makes room", async () => {
  const gone = new AbortController();
  const held: Response[] = []; // Bun closes the connection of an unreferenced answer
  for (let index = 0; index < 3; index++)
    held.push(await open("/subscribe/full", { signal: gone.signal }));
  expect((await open("/subscribe/full")).status).toBe(503);
  expect(held.map((response) => response.status)).toEqual([200, 200, 200]);
  gone.abort();
  await untilListeners("full", 0);
  const last = new AbortController();
  expect((await open("/subscribe/full", { signal: last.signal })).status).toBe(200);
  last.abort();
  await untilListeners("full", 0);
});

test("a reader that does not read is let go, and holds nobody up", async () => {
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(front.url).port),
    socket: { data: (paused) => void paused.pause() },
  });
  socket.write(
    `GET /subscribe/slow HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`,
  );
  await untilListeners("slow", 1);
  const message = "x".repeat(500_000);
  await eventually("it is let go", async () => {
    await redis.publish("slow", message);
    return (await listeners("slow")) === 0;
  });
  socket.terminate();
});

test("a path without a channel answers 400", async () => {
  expect((await open("/subscribe/")).status).toBe(400);
});

test("a front that closes while a stream is being opened leaves no connection", async () => {
  const closing = await startTestFront({ redisUrl: server.url, maxStreams: 1 });
  const openOne = () => fetch(`${closing.url}/subscribe/closing`, { headers: { authorization } });
  server.freeze();
  const opening = [openOne(), openOne()];
  expect((await Promise.race(opening)).status).toBe(503);
  const closed = closing.close();
  server.thaw();
  const texts = await Promise.all(opening.map(async (response) => (await response).text()));
  expect(texts).toContain("");
  await closed;
  await untilListeners("closing", 0);
});

test("streams end when Redis goes", async () => {
  const response = await open("/subscribe/ending");
  await untilListeners("ending", 1);
  await server.kill();
  expect(await response.text()).toBe("data: subscribe,ending,1\n\n");
  await server.start();
});

test("readers that leave while their streams are being opened leave nothing behind", async () => {
  await eventually("the front is back", async () => (await front.command("PING")).status === 200);
  server.freeze();
  const gone = new AbortController();
  const opening = Array.from({ length: 4 }, () =>
    open("/subscribe/never", { signal: gone.signal }),
  );
  expect((await Promise.race(opening)).status).toBe(503);
  gone.abort();
  await Promise.allSettled(opening);
  server.thaw();
  await eventually("only the shared connection is left", async () => {
    const { json, status } = await front.command("INFO", "clients");
    return status === 200 && /connected_clients:1\r/.test((json as { result: string }).result);
  });
});
