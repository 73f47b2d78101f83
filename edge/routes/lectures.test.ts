import { afterAll, beforeEach, expect, test } from "bun:test";
import { loadOpenLecture, startEdgeAlone } from "../../test/edge-alone.ts";
import { refuse } from "../../test/stub-origin.ts";

const edge = startEdgeAlone({ ORIGIN_TIMEOUT_MS: "400", REDIS_TIMEOUT_MS: "400" });
afterAll(() => edge.close());
beforeEach(() => {
  edge.wire.ignores = undefined;
  edge.origin.heard.length = 0;
});

async function codeOf(response: Response): Promise<unknown> {
  return ((await response.json()) as Record<string, unknown>)["code"];
}

test.each(["/lectures", "/lectures/7"])(
  "%s is passed on with its ETag, for a short time fresh",
  async (path) => {
    edge.origin.answer(() =>
      Response.json({ some: "lectures" }, { headers: { ETag: '"one"', "X-Internal": "1" } }),
    );
    const response = await edge.fetch(`/api${path}?page=2`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ some: "lectures" });
    expect(response.headers.get("etag")).toBe('"one"');
    expect(response.headers.get("cache-control")).toBe("public, max-age=5");
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("x-internal")).toBeNull();
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(edge.origin.heard.map((heard) => heard.path)).toEqual([path]);
  },
);

test("a list's parameters go to the origin in one order, without the defaults and without any other", async () => {
  edge.origin.answer(() => Response.json({ lectures: [] }));
  const query = "limit=50&q=%E5%85%89&x=1&category=a%26b&state=open";
  expect((await edge.fetch(`/api/lectures?${query}`)).status).toBe(200);
  expect(edge.origin.heard.map((heard) => heard.path)).toEqual([
    "/lectures?q=%E5%85%89&state=open&category=a%26b",
  ]);
});

test.each(["limit=101", "state=sold_out", "day=2026-02-30", "after=x"])(
  "a list with %s is refused, and the origin does not hear of it",
  async (query) => {
    const response = await edge.fetch(`/api/lectures?${query}`);
    expect([response.status, await codeOf(response)]).toEqual([422, "invalid_request"]);
    expect(edge.origin.heard).toEqual([]);
  },
);

test("a client that has the lecture already gets a 304 without a body", async () => {
  edge.origin.answer(({ headers }) =>
    headers.get("if-none-match") === '"one"'
      ? new Response(null, { status: 304, headers: { ETag: '"one"' } })
      : new Response("{}"),
  );
  const response = await edge.fetch("/api/lectures/7", { headers: { "If-None-Match": '"one"' } });
  expect([response.status, response.headers.get("etag"), await response.text()]).toEqual([
    304,
    '"one"',
    "",
  ]);
});

test("a lecture the origin does not know is 404, an origin that does not answer 503 without its words", async () => {
  edge.origin.answer(() => refuse("lecture_not_found", 404));
  const missing = await edge.fetch("/api/lectures/7");
  expect([missing.status, await codeOf(missing)]).toEqual([404, "lecture_not_found"]);
  const elsewhere = Bun.serve({ port: 0, fetch: () => Response.json({ lectures: [] }) });
  for (const respond of [
    () => new Response("stack trace", { status: 500 }),
    () => new Response(null, { status: 302, headers: { Location: elsewhere.url.href } }),
    () => refuse("unauthenticated", 401),
    () => Bun.sleep(1_500).then(() => new Response()),
  ]) {
    edge.origin.answer(respond);
    const response = await edge.fetch("/api/lectures/7");
    const text = await response.text();
    expect([response.status, JSON.parse(text).code]).toEqual([503, "unavailable"]);
    expect(text).not.toContain("stack");
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
  }
  await elsewhere.stop(true);
});

test("availability comes from Redis in one request, and no cache keeps its clock", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 7 });
  await edge.fetch(`/api/lectures/${lectureId}/availability`);
  const before = edge.wire.requests.length;
  const response = await edge.fetch(`/api/lectures/${lectureId}/availability`);
  expect(await response.json()).toMatchObject({ state: "open", remaining: 7, capacity: 7 });
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(edge.wire.requests.length - before).toBe(1);
  expect(edge.origin.heard).toEqual([]);
});

test("availability of a lecture that is not loaded is 404 or 503 by what the origin knows, never a number", async () => {
  edge.origin.answer(() => refuse("lecture_not_found", 404));
  const missing = await edge.fetch("/api/lectures/999999999999998/availability");
  expect([missing.status, await codeOf(missing)]).toEqual([404, "lecture_not_found"]);
  edge.origin.answer(() => new Response(null, { status: 500 }));
  const unknown = await edge.fetch("/api/lectures/999999999999999/availability");
  expect([unknown.status, await codeOf(unknown)]).toEqual([503, "not_ready"]);
  edge.wire.ignores = "";
  const silent = await edge.fetch("/api/lectures/999999999999999/availability");
  expect([silent.status, await codeOf(silent)]).toEqual([503, "unavailable"]);
});
