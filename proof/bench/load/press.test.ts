import { afterAll, expect, test } from "bun:test";
import { openConnections } from "./connections.ts";
import { closedLoop, expectAnswers, openLoop } from "./press.ts";

/** Answers as requested: `GET /409` is a 409 with the code sold_out. */
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: ({ url }) => {
    const status = Number(new URL(url).pathname.slice(1));
    return Response.json(status === 409 ? { code: "sold_out" } : { id: "1", status: "confirmed" }, {
      status,
    });
  },
});
const connections = await openConnections(server.port ?? 0, 8);
afterAll(async () => {
  connections.close();
  await server.stop(true);
});

const request = (status: number) => `GET /${status} HTTP/1.1\r\nHost: edge\r\n\r\n`;

function some(...statuses: number[]) {
  const left = statuses.values();
  return () => {
    const { value } = left.next();
    return value === undefined ? undefined : request(value);
  };
}

test("a closed loop ends with its requests, and names every answer", async () => {
  const next = some(...Array.from({ length: 90 }, (_, at) => (at % 3 === 0 ? 201 : 409)));
  const pressed = await closedLoop({ connections, next }, { clients: 8 });
  expect(pressed.answers).toEqual({ "201 confirmed": 30, "409 sold_out": 60 });
  expect(pressed.timesMs["409 sold_out"]).toHaveLength(60);
  expect(connections.free()).toBe(8);
});

test("an open loop sends everything that comes due, and waits for the last answer", async () => {
  const pressed = await openLoop(
    { connections, next: () => request(201) },
    { perSecond: 500, seconds: 0.2 },
  );
  expect((pressed.answers["201 confirmed"] ?? 0) + pressed.unsent).toBe(100);
  expect(connections.free()).toBe(8);
});

test("an answer that was not expected is no figure but an error that names it", async () => {
  const pressed = await closedLoop({ connections, next: some(201, 409, 409) }, { clients: 1 });
  expect(() => expectAnswers(pressed, "201 confirmed")).toThrow("2 × 409 sold_out");
  expect(() => expectAnswers(pressed, "201 confirmed", "409 sold_out")).not.toThrow();
});
