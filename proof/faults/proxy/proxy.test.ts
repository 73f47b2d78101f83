import { afterEach, expect, test } from "bun:test";
import { connect, createServer, type Socket } from "node:net";
import { eventually } from "../../../test/servers.ts";
import { type FaultProxy, startFaultProxy } from "./proxy.ts";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server that answers every chunk with the same bytes and remembers what it received. */
async function startEcho() {
  const sockets = new Set<Socket>();
  let heard = "";
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      heard += chunk.toString();
      socket.write(chunk);
    });
  });
  await new Promise<void>((resolve) =>
    server.listen({ host: "127.0.0.1", port: 0 }, () => resolve()),
  );
  closers.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as { port: number }).port, heard: () => heard };
}

async function startLink(random = Math.random) {
  const echo = await startEcho();
  const proxy = await startFaultProxy({ port: 0, targetPort: echo.port, random });
  closers.push(() => proxy.close());
  return { echo, proxy };
}

/** A client of the proxy: its received text, and how its connection ended. */
async function dial({ port }: FaultProxy) {
  const socket = connect({ host: "127.0.0.1", port });
  closers.push(() => void socket.destroy());
  const seen = { text: "", ending: undefined as string | undefined };
  socket.on("data", (chunk) => {
    seen.text += chunk.toString();
  });
  socket.on("error", (error: NodeJS.ErrnoException) => {
    seen.ending = error.code;
  });
  socket.on("close", () => {
    seen.ending ??= "closed";
  });
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  return {
    seen,
    say: (text: string) => void socket.write(text),
    end: () => void socket.end(),
    hears: (text: string) => eventually(`hears ${text}`, async () => seen.text === text),
    isReset: () => eventually("is reset", async () => seen.ending === "ECONNRESET"),
  };
}

/** Longer than a chunk takes through a whole proxy, so that absent bytes were held back. */
const A_WHILE_MS = 150;

test("without a fault everything passes, and the end of one side reaches the other", async () => {
  const { proxy } = await startLink();
  const client = await dial(proxy);
  client.say("hello");
  await client.hears("hello");
  client.end();
  await eventually("the connection is gone", async () => proxy.connections() === 0);
  expect(client.seen.ending).toBe("closed");
});

test("a delayed link brings everything, late and in order", async () => {
  const { proxy } = await startLink(() => 0.5);
  proxy.set({ kind: "delay", latencyMs: 60, jitterMs: 40 });
  const client = await dial(proxy);
  const startedAtMs = performance.now();
  for (const word of ["a", "b", "c"]) client.say(word);
  await client.hears("abc");
  expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(2 * 80 - 5);
});

test("a dropping link swallows what is sent, and its connections are reset when it is healed", async () => {
  const { proxy, echo } = await startLink();
  const client = await dial(proxy);
  proxy.set({ kind: "drop" });
  client.say("lost");
  await Bun.sleep(A_WHILE_MS);
  expect([echo.heard(), client.seen.text, client.seen.ending]).toEqual(["", "", undefined]);
  proxy.heal();
  await client.isReset();
  const next = await dial(proxy);
  next.say("found");
  await next.hears("found");
});

test("a resetting link resets the connections it has and every new one", async () => {
  const { proxy } = await startLink();
  const before = await dial(proxy);
  before.say("x");
  await before.hears("x");
  proxy.set({ kind: "reset" });
  await before.isReset();
  const after = await dial(proxy);
  await after.isReset();
});

test("a half-open link holds replies back, and brings them when it is healed", async () => {
  const { proxy, echo } = await startLink();
  const client = await dial(proxy);
  proxy.set({ kind: "half_open", silent: "down" });
  client.say("question");
  await eventually("the server hears it", async () => echo.heard() === "question");
  await Bun.sleep(A_WHILE_MS);
  expect(client.seen.text).toBe("");
  proxy.heal();
  await client.hears("question");
});

test("a link that is half open in both directions accepts and never answers", async () => {
  const { proxy, echo } = await startLink();
  proxy.set({ kind: "half_open", silent: "both" });
  const client = await dial(proxy);
  client.say("question");
  await Bun.sleep(A_WHILE_MS);
  expect([echo.heard(), client.seen.text, client.seen.ending]).toEqual(["", "", undefined]);
  proxy.heal();
  await client.hears("question");
});

test("a throttled link passes so many bytes a second", async () => {
  const { proxy } = await startLink();
  proxy.set({ kind: "throttle", bytesPerS: 10_000 });
  const client = await dial(proxy);
  const startedAtMs = performance.now();
  client.say("x".repeat(2_000));
  await client.hears("x".repeat(2_000));
  expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(2 * 200 - 5);
});

test("a cutting link resets each connection after so many bytes, in the middle of a chunk", async () => {
  const { proxy, echo } = await startLink();
  const client = await dial(proxy);
  proxy.set({ kind: "cut", afterBytes: 5 });
  client.say("12345678");
  await client.isReset();
  await eventually("the server has the first bytes", async () => echo.heard() === "12345");
});

test("a link that loses replies delivers the requests", async () => {
  const { proxy, echo } = await startLink();
  const client = await dial(proxy);
  proxy.set({ kind: "lose_reply", share: 1 });
  client.say("pay");
  await client.isReset();
  expect([echo.heard(), client.seen.text]).toEqual(["pay", ""]);
});

test("of the replies the share that was asked for is lost", async () => {
  const draws = [0.1, 0.9, 0.1, 0.9];
  const { proxy } = await startLink(() => draws.shift() ?? 0);
  proxy.set({ kind: "lose_reply", share: 0.3 });
  const endings: string[] = [];
  for (let at = 0; at < 4; at += 1) {
    const client = await dial(proxy);
    client.say("x");
    await eventually(
      "answered or reset",
      async () => client.seen.text === "x" || client.seen.ending,
    );
    endings.push(client.seen.ending ?? "answered");
  }
  expect(endings).toEqual(["ECONNRESET", "answered", "ECONNRESET", "answered"]);
});

test("a closed proxy leaves no connection and no port", async () => {
  const { proxy } = await startLink();
  const client = await dial(proxy);
  await proxy.close();
  await client.isReset();
  expect(proxy.connections()).toBe(0);
  const refused = connect({ host: "127.0.0.1", port: proxy.port });
  const error = await new Promise<NodeJS.ErrnoException>((resolve) =>
    refused.once("error", resolve),
  );
  expect(error.code).toBe("ECONNREFUSED");
});
