import { afterAll, beforeEach, expect, test } from "bun:test";
import { claim } from "../../admission/claim.ts";
import { ridOf } from "../../contract/ids.ts";
import { loadOpenLecture, randomUserId, startEdgeAlone, tokenFor } from "../../test/edge-alone.ts";
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

async function follow(path: string, userId: string, signal?: AbortSignal): Promise<Response> {
  const headers = { Authorization: `Bearer ${await tokenFor(userId, edge.env.SESSION_KEYS)}` };
  return fetch(server.url.origin + path, { headers, ...(signal && { signal }) });
}

/** An origin that streams what it is told to, for as long as somebody listens. */
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

test("events are passed on one by one as they come, longer than an answer may take, until the origin ends", async () => {
  const origin = streamFromOrigin();
  const response = await follow(`/api/reservations/${rid}/events?user=other`, "s-1");
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await next()).toBe("event: status\ndata: first\n\n");
  // Longer than ORIGIN_TIMEOUT_MS: that one bounds the beginning of an answer and not the stream.
  await Bun.sleep(600);
  origin.send("event: status\ndata: second\n\n");
  expect(await next()).toBe("event: status\ndata: second\n\n");
  origin.end();
  expect((await reader.read()).done).toBe(true);
  expect(edge.origin.heard.map(({ path }) => path)).toEqual([`/reservations/${rid}/events?user=s-1`]);
});

test("when the client leaves, the origin's stream ends", async () => {
  const origin = streamFromOrigin();
  const leave = new AbortController();
  const response = await follow(`/api/reservations/${rid}/events`, "s-1", leave.signal);
  await (response.body as ReadableStream<Uint8Array>).getReader().read();
  const { signal } = edge.origin.heard[0] as { signal: AbortSignal };
  expect(signal.aborted).toBe(false);
  leave.abort();
  await eventually("the origin is left", async () => {
    if (!signal.aborted) origin.send(": still there\n\n");
    return signal.aborted;
  });
});

test("a claim the origin has not heard of is told as pending, and the browser comes back by itself", async () => {
  edge.origin.answer(() => refuse("reservation_not_found", 404));
  const lectureId = await loadOpenLecture(edge.redis);
  const userId = randomUserId();
  const rid = ridOf(lectureId, userId, "key");
  await claim(edge.redis, { lectureId, userId, rid });
  const response = await follow(`/api/reservations/${rid}/events`, userId);
  expect(response.status).toBe(200);
  const pending = JSON.stringify({ id: rid, lectureId, status: "pending" });
  expect(await response.text()).toBe(`retry: 2000\nevent: status\ndata: ${pending}\n\n`);
  expect((await follow(`/api/reservations/${rid}/events`, randomUserId())).status).toBe(404);
});

test.each([
  ["too_many_streams", () => refuse("too_many_streams", 503), 503],
  ["unavailable", () => new Response("broken", { status: 500 }), 503],
  ["unavailable", () => Bun.sleep(2_000).then(() => new Response()), 503],
] as const)("a stream that cannot be had is answered with %s", async (code, respond, status) => {
  edge.origin.answer(respond);
  const response = await follow(`/api/reservations/${rid}/events`, "s-1");
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
  expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
});
