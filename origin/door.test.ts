import { expect, test } from "bun:test";
import { deadlineIn } from "./deadline.ts";
import { withDoor } from "./door.ts";
import { createGate } from "./gate.ts";

test("a full gate refuses unseen with a Retry-After; others and health pass", async () => {
  const gates = {
    commands: createGate({ places: 1, burst: 0 }),
    reads: createGate({ places: 1, burst: 0 }),
  };
  const seen: string[] = [];
  const turnedAway = { commands: { value: 0 }, reads: { value: 0 } };
  const open = withDoor(
    async (request) => {
      seen.push(`${request.method} ${new URL(request.url).pathname}`);
      return new Response();
    },
    gates,
    { pauseMs: 0, turnedAway },
  );
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = [
    gates.commands.run(() => promise, deadlineIn(1_000)),
    gates.reads.run(() => promise, deadlineIn(1_000)),
  ];

  const answers = new Set<string | null>();
  for (let at = 0; at < 50; at += 1) {
    const request = new Request("http://origin/commands", { method: "POST", body: "{}" });
    const answer = await open(request);
    expect([answer.status, await answer.json(), request.bodyUsed]).toEqual([
      503,
      { code: "overloaded" },
      false,
    ]);
    answers.add(answer.headers.get("retry-after"));
  }
  expect([...answers].sort()).toEqual(["1", "2", "3"]);
  expect((await open(new Request("http://origin/lectures"))).status).toBe(503);
  for (const path of [
    "/lectures?/healthz",
    "/lectures?x=/readyz",
    "/lectures/metrics",
    "/lectures#/healthz",
  ])
    expect((await open(new Request(`http://origin${path}`))).status).toBe(503);
  expect((await open(new Request("http://origin/healthz", { method: "POST" }))).status).toBe(503);
  expect(seen).toEqual([]);
  await open(new Request("http://origin/healthz?x"));
  expect(seen).toEqual(["GET /healthz"]);

  resolve();
  await Promise.all(work);
  await open(new Request("http://origin/commands", { method: "POST" }));
  expect(seen).toEqual(["GET /healthz", "POST /commands"]);
});
