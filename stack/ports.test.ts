import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer, type Server } from "node:net";
import { findFreePorts, isPortFree, listenerOf } from "./ports.ts";

let server: Server;
let port: number;
beforeAll(async () => {
  port = await findFreePorts(1);
  server = createServer();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test("a port that somebody listens on is not free, and the listener is named", async () => {
  expect(await isPortFree(port)).toBe(false);
  expect(listenerOf(port)).toMatch(new RegExp(`^\\S+ \\(pid ${process.pid}\\)$`));
});

test("a port that nobody listens on is free, also after it was probed", async () => {
  const free = await findFreePorts(1);
  expect(await isPortFree(free)).toBe(true);
  expect(await isPortFree(free)).toBe(true);
  expect(listenerOf(free)).toBeUndefined();
});
