import { afterAll, beforeEach, expect, test } from "bun:test";
import { LectureInList } from "../../contract/lecture.ts";
import { loadOpenLecture, startEdgeAlone } from "../../test/edge-alone.ts";
import { randomLectureId } from "../../test/servers.ts";
import { shownLecture } from "../../test/shown-lecture.ts";
import { refuse } from "../../test/stub-origin.ts";
import { createApp } from "../app.ts";
import { readEdgeConfig } from "../config.ts";
import { openDeps } from "../deps.ts";

const edge = startEdgeAlone({ ORIGIN_TIMEOUT_MS: "400", REDIS_TIMEOUT_MS: "400" });
afterAll(() => edge.close());
beforeEach(() => {
  edge.wire.ignores = undefined;
  edge.origin.heard.length = 0;
});

async function codeOf(response: Response): Promise<unknown> {
  return ((await response.json()) as Record<string, unknown>)["code"];
}

test.each([
  ["/lectures", { lectures: [LectureInList.parse(shownLecture())] }],
  ["/lectures/7", shownLecture()],
])(
  "%s is passed on with its ETag, for a short time fresh, whatever an unknown parameter says",
  async (path, lectures) => {
    edge.origin.answer(() =>
      Response.json(lectures, { headers: { ETag: '"one"', "X-Internal": "1" } }),
    );
    const response = await edge.fetch(`/api${path}?page=2`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(lectures);
    expect(response.headers.get("etag")).toBe('"one"');
    expect(response.headers.get("cache-control")).toBe(
      "public, max-age=1, stale-while-revalidate=2, stale-if-error=300",
    );
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("x-internal")).toBeNull();
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(edge.origin.heard.map((heard) => heard.path)).toEqual([path]);
  },
);

test("a kept answer serves no strange host, and a list is kept by its question alone", async () => {
  edge.origin.answer(() => Response.json({ lectures: [] }));
  const list = `/api/lectures?q=${randomLectureId()}`;
  expect((await edge.fetch(list)).status).toBe(200);
  const strange = await edge.fetch(list, { headers: { Host: "a,b" } });
  expect([strange.status, await codeOf(strange)]).toEqual([400, "invalid_host"]);
  for (const same of [list, `${list}&utm=1`, `${list}&limit=50`, list.replace("?", "?a=b&")])
    expect((await edge.fetch(same)).status).toBe(200);
  expect(edge.origin.heard).toHaveLength(1);
  expect((await edge.fetch(`${list}&state=open`)).status).toBe(200);
  expect(edge.origin.heard.map(({ path }) => path).at(-1)).toEndWith("&state=open");
});

const CURSOR = btoa("1700000000000.7").replaceAll("=", "");

test.each([
  ["", ""],
  ["?", ""],
  ["?page=2&utm_source=x", ""],
  ["?q=+&nonce=7", ""],
  ["?q=light&state=open", "?q=light&state=open"],
  ["?state=open&q=light", "?q=light&state=open"],
  ["?q=a&q=b", "?q=a"],
  ["?q=%6Cight", "?q=light"],
  ["?q=a%20b", "?q=a+b"],
  ["?q=光", "?q=%E5%85%89"],
  ["?limit=50&q=%E5%85%89&x=1&category=a%26b&state=open", "?q=%E5%85%89&state=open&category=a%26b"],
  [
    `?limit=20&host=campus&after=${CURSOR}&day=2026-11-28&category=art`,
    `?day=2026-11-28&host=campus&category=art&after=${CURSOR}&limit=20`,
  ],
])(
  "parameters go to the origin in one order, without defaults and others: %p as %p",
  async (sent, asked) => {
    // An edge that has kept nothing yet.
    const app = createApp(openDeps(readEdgeConfig(edge.env)), () => ({}));
    edge.origin.answer(() => Response.json({ lectures: [] }));
    for (const query of [sent, asked]) {
      const request = new Request(`http://edge/api/lectures${query}`);
      expect((await app.fetch(request, undefined)).status).toBe(200);
    }
    expect([...new Set(edge.origin.heard.map(({ path }) => path))]).toEqual([`/lectures${asked}`]);
  },
);

test.each(["limit=101", "state=sold_out", "day=2026-02-30", "after=x"])(
  "a list with %s is refused, and the origin does not hear of it",
  async (query) => {
    const response = await edge.fetch(`/api/lectures?${query}`);
    expect([response.status, await codeOf(response)]).toEqual([422, "invalid_request"]);
    expect(edge.origin.heard).toEqual([]);
  },
);

test("a client that has the lecture already gets a 304 without a body", async () => {
  edge.origin.answer(() => Response.json({}, { headers: { ETag: '"one"' } }));
  const response = await edge.fetch(`/api/lectures/${randomLectureId()}`, {
    headers: { "If-None-Match": '"one"' },
  });
  expect([response.status, response.headers.get("etag"), await response.text()]).toEqual([
    304,
    '"one"',
    "",
  ]);
});

test("a lecture unknown to the origin is 404; a failing origin is 503 in our words", async () => {
  edge.origin.answer(() => refuse("lecture_not_found", 404));
  const missing = await edge.fetch(`/api/lectures/${randomLectureId()}`);
  expect([missing.status, await codeOf(missing)]).toEqual([404, "lecture_not_found"]);
  const elsewhere = Bun.serve({ port: 0, fetch: () => Response.json({ lectures: [] }) });
  for (const respond of [
    () => new Response("stack trace", { status: 500 }),
    () => new Response(null, { status: 302, headers: { Location: elsewhere.url.href } }),
    () => refuse("unauthenticated", 401),
    () => Bun.sleep(1_500).then(() => new Response()),
  ]) {
    edge.origin.answer(respond);
    const response = await edge.fetch(`/api/lectures/${randomLectureId()}`);
    const text = await response.text();
    expect([response.status, JSON.parse(text).code]).toEqual([503, "unavailable"]);
    expect(text).not.toContain("stack");
    expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
  }
  await elsewhere.stop(true);
});

test("availability is one request to Redis; no cache keeps its clock over a second", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { capacity: 7 });
  await edge.fetch(`/api/lectures/${await loadOpenLecture(edge.redis)}/availability`);
  const before = edge.wire.requests.length;
  const response = await edge.fetch(`/api/lectures/${lectureId}/availability`);
  expect(await response.json()).toMatchObject({ state: "open", remaining: 7, capacity: 7 });
  expect(response.headers.get("cache-control")).toBe("public, max-age=0, s-maxage=1");
  expect(edge.wire.requests.length - before).toBe(1);
  expect(edge.origin.heard).toEqual([]);
});

test("availability of a lecture that is not loaded is 404 or 503, never a number", async () => {
  edge.origin.answer(() => refuse("lecture_not_found", 404));
  const missing = await edge.fetch("/api/lectures/999999999999998/availability");
  expect([missing.status, await codeOf(missing)]).toEqual([404, "lecture_not_found"]);
  edge.origin.answer(() => new Response(null, { status: 500 }));
  const unknown = await edge.fetch("/api/lectures/999999999999999/availability");
  expect([unknown.status, await codeOf(unknown)]).toEqual([503, "not_ready"]);
  edge.wire.ignores = "";
  const silent = await edge.fetch(`/api/lectures/${randomLectureId()}/availability`);
  expect([silent.status, await codeOf(silent)]).toEqual([503, "unavailable"]);
});
