import { afterAll, beforeEach, expect, test } from "bun:test";
import { claim } from "../../admission/claim.ts";
import { ridOf } from "../../contract/ids.ts";
import { loadOpenLecture, randomUserId, startEdgeAlone, tokenFor } from "../../test/edge-alone.ts";
import { followEvents } from "../../test/event-source.ts";
import { eventually } from "../../test/servers.ts";
import { refuse } from "../../test/stub-origin.ts";

const edge = startEdgeAlone({ ORIGIN_TIMEOUT_MS: "400" });
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: edge.handle });
afterAll(async () => {
  await server.stop(true);
  await edge.close();
});
beforeEach(() => {
  edge.origin.heard.length = 0;
});

const rid = `7-${"0".repeat(32)}`;

async function follow(
  path: string,
  userId: string,
  init: { signal?: AbortSignal; headers?: Record<string, string> } = {},
): Promise<Response> {
  const Authorization = `Bearer ${await tokenFor(userId, edge.env.SESSION_KEYS)}`;
  return fetch(server.url.origin + path, { ...init, headers: { Authorization, ...init.headers } });
}

/** A browser that follows a reservation until an answer ends it. */
const browse = (beforeAgain?: () => void) =>
  followEvents(
    (headers) => follow(`/api/reservations/${rid}/events`, "s-1", { headers }),
    beforeAgain,
  );

/** An event of the origin's stream. */
function statusEvent(status: string, retry = 1_500): string {
  const data = JSON.stringify({ id: rid, lectureId: "7", status });
  return `event: status\ndata: ${data}\nid: ${status}\nretry: ${retry}\n\n`;
}

const stream = (...statuses: string[]) =>
  new Response(statuses.map((status) => statusEvent(status)).join(""), {
    headers: { "Content-Type": "text/event-stream" },
  });

/** An origin that gives the answers in turn, and then repeats the last. */
function answerInTurn(...answers: (() => Response | Promise<Response>)[]) {
  let turn = 0;
  edge.origin.answer(
    () => answers[Math.min(turn++, answers.length - 1)]?.() ?? refuse("unavailable", 503),
  );
}

/** An origin that streams the test's text while a client listens. */
function streamFromOrigin() {
  let send: (text: string) => void = () => {};
  let end: () => void = () => {};
  edge.origin.answer(() => {
    const events = new ReadableStream<Uint8Array>({
      start(controller) {
        send = (text) => controller.enqueue(new TextEncoder().encode(text));
        end = () => controller.close();
        send("event: status\ndata: first\n\n");
      },
    });
    return new Response(events, { headers: { "Content-Type": "text/event-stream" } });
  });
  return { send: (text: string) => send(text), end: () => end() };
}

test("events pass one by one, longer than an answer may take, until the origin ends", async () => {
  const origin = streamFromOrigin();
  const response = await follow(`/api/reservations/${rid}/events?user=other`, "s-1");
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(response.headers.get("cache-control")).toBe("no-store");
  // Without it a proxy in front would keep the first event until its buffer is full.
  expect(response.headers.get("x-accel-buffering")).toBe("no");
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await next()).toBe("event: status\ndata: first\n\n");
  // Longer than ORIGIN_TIMEOUT_MS, which bounds the beginning of an answer and not the stream.
  await Bun.sleep(600);
  origin.send("event: status\ndata: second\n\n");
  expect(await next()).toBe("event: status\ndata: second\n\n");
  origin.end();
  expect((await reader.read()).done).toBe(true);
  expect(edge.origin.heard.map(({ path }) => path)).toEqual([
    `/reservations/${rid}/events?user=s-1`,
  ]);
});

test("when the client leaves, the origin's stream ends", async () => {
  const origin = streamFromOrigin();
  const leave = new AbortController();
  const response = await follow(`/api/reservations/${rid}/events`, "s-1", { signal: leave.signal });
  await (response.body as ReadableStream<Uint8Array>).getReader().read();
  const { signal } = edge.origin.heard[0] as { signal: AbortSignal };
  expect(signal.aborted).toBe(false);
  leave.abort();
  await eventually("the origin is left", async () => {
    if (!signal.aborted) origin.send(": still there\n\n");
    return signal.aborted;
  });
});

test("a claim unknown to the origin is pending, and the browser returns by itself", async () => {
  edge.origin.answer(() => refuse("reservation_not_found", 404));
  const lectureId = await loadOpenLecture(edge.redis);
  const userId = randomUserId();
  const rid = ridOf(lectureId, userId, "key");
  await claim(edge.redis, { lectureId, userId, rid });
  const response = await follow(`/api/reservations/${rid}/events`, userId);
  expect(response.status).toBe(200);
  const pending = JSON.stringify({ id: rid, lectureId, status: "pending" });
  expect(await response.text()).toBe(
    `id: pending\nretry: 2000\nevent: status\ndata: ${pending}\n\n`,
  );
  expect((await follow(`/api/reservations/${rid}/events`, randomUserId())).status).toBe(404);
});

test.each([
  ["too_many_streams", () => refuse("too_many_streams", 503), 503],
  ["unavailable", () => new Response("broken", { status: 500 }), 503],
  ["unavailable", () => Bun.sleep(2_000).then(() => new Response()), 503],
] as const)("a stream that cannot be had is answered with %s", async (code, respond, status) => {
  edge.origin.answer(respond);
  const response = await follow(`/api/reservations/${rid}/events`, "s-1");
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
    status,
    code,
  ]);
  expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
});

test("a browser that heard the decision asks once more, gets 204, and asks no more", async () => {
  answerInTurn(
    () => stream("pending", "confirmed"),
    () => new Response(null, { status: 204 }),
  );
  const { events, statuses, waitsMs } = await browse();
  expect(events.map(({ data }) => JSON.parse(data).status)).toEqual(["pending", "confirmed"]);
  expect([statuses, waitsMs]).toEqual([[200, 204], [1_500]]);
  expect(edge.origin.heard.map(({ path }) => path)).toEqual([
    `/reservations/${rid}/events?user=s-1`,
    `/reservations/${rid}/events?user=s-1&told=confirmed`,
  ]);
});

test("the origin gets Last-Event-ID only if it names a decision", async () => {
  edge.origin.answer(() => stream("pending"));
  for (const id of ["pending", "x&user=s-2", "constructor", ""]) {
    await (
      await follow(`/api/reservations/${rid}/events`, "s-1", { headers: { "Last-Event-ID": id } })
    ).text();
  }
  expect(new Set(edge.origin.heard.map(({ path }) => path))).toEqual(
    new Set([`/reservations/${rid}/events?user=s-1`]),
  );
});

test.each([
  ["restarts", () => new Response("broken", { status: 502 })],
  ["does not answer", () => Bun.sleep(2_000).then(() => new Response())],
  ["has no room for streams", () => refuse("too_many_streams", 503)],
  ["is overloaded", () => refuse("overloaded", 503)],
] as const)(
  "while the origin %s a browser goes on asking, and hears the decision",
  async (_, trouble) => {
    const broken = () =>
      new Response(`${statusEvent("pending")}event: status\ndata: {`, {
        headers: { "Content-Type": "text/event-stream" },
      });
    answerInTurn(
      broken,
      trouble,
      trouble,
      () => stream("confirmed"),
      () => new Response(null, { status: 204 }),
    );
    const { events, statuses, waitsMs } = await browse();
    expect(events.map(({ data }) => JSON.parse(data).status)).toEqual(["pending", "confirmed"]);
    expect(statuses).toEqual([200, 200, 200, 200, 204]);
    // A busy edge brings browsers back later, and not all at the same time.
    for (const waitMs of waitsMs.slice(1, 3)) expect(waitMs).toBeWithin(3_000, 6_001);
  },
);

test("a refusal that time does not heal ends a browser's EventSource", async () => {
  edge.origin.answer(() => refuse("reservation_not_found", 404));
  expect((await browse()).statuses).toEqual([404]);
});
