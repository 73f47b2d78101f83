import { afterAll, beforeEach, expect, test } from "bun:test";
import { bodyOf, enterStudent, loadOpenLecture, startEdgeAlone } from "../test/edge-alone.ts";
import { answerCommand } from "../test/stub-origin.ts";

const [seats, app, other] = [
  "https://seats.example",
  "http://localhost:5173",
  "https://evil.example",
];
const edge = startEdgeAlone({ CORS_ORIGINS: `${seats},${app}` });
const closed = startEdgeAlone();
afterAll(() => Promise.all([edge.close(), closed.close()]));
beforeEach(() => {
  for (const { origin } of [edge, closed])
    origin.answer(() => Response.json({ lectures: [] }, { headers: { ETag: '"1"' } }));
});

/** The headers that a browser decides by. */
function corsOf({ headers }: Response) {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));
}

/** A browser's preflight, sent before a request that no plain form could send. */
const preflight = (asked: typeof edge, path: string, Origin: string, method = "POST") =>
  asked.fetch(path, {
    method: "OPTIONS",
    headers: {
      Origin,
      "Access-Control-Request-Method": method,
      "Access-Control-Request-Headers": "authorization",
    },
  });

test("without the setting no page of another origin may read anything", async () => {
  const read = await closed.fetch("/api/lectures", { headers: { Origin: seats } });
  expect([read.status, corsOf(read), read.headers.get("vary")]).toEqual([200, {}, null]);
  const asked = await preflight(closed, "/api/lectures/1/reservations", seats);
  expect([asked.status, corsOf(asked)]).toEqual([405, {}]);
});

test.each([seats, app])("a page of %s may ask, with the headers of this API", async (origin) => {
  const asked = await preflight(edge, "/api/lectures/1/reservations", origin);
  expect([asked.status, await asked.text()]).toEqual([204, ""]);
  expect(corsOf(asked)).toMatchObject({
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "access-control-max-age": "600",
  });
  const headers = asked.headers.get("access-control-allow-headers")?.toLowerCase().split(", ");
  expect(headers).toContainAllValues([
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "last-event-id",
    "prefer",
    "traceparent",
  ]);
  expect(asked.headers.get("vary")).toContain("Origin");
  expect(asked.headers.get("x-content-type-options")).toBe("nosniff");
  expect([edge.origin.heard.length, edge.wire.requests.length]).toEqual([0, 0]);
});

test.each([
  other,
  "null",
  "https://seats.example.evil.example",
  "https://SEATS.example",
  "https://seats.example/",
])("a page of %s may not", async (origin) => {
  const asked = await preflight(edge, "/api/lectures", origin, "GET");
  expect([asked.status, corsOf(asked)]).toEqual([405, {}]);
  const read = await edge.fetch("/api/lectures", { headers: { Origin: origin } });
  expect([read.status, corsOf(read), read.headers.get("vary")]).toEqual([200, {}, "Origin"]);
});

test("what is asked with OPTIONS and is no preflight is answered as ever", async () => {
  const asked = await edge.fetch("/api/lectures", {
    method: "OPTIONS",
    headers: { Origin: seats },
  });
  expect([asked.status, asked.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

test("a page may read answers of every kind, their headers too: served, kept, refused, and refused from memory", async () => {
  const read = await edge.fetch("/api/lectures", { headers: { Origin: seats } });
  expect(corsOf(read)).toEqual({
    "access-control-allow-origin": seats,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers":
      "Allow, Date, ETag, Link, Location, Preference-Applied, Retry-After, WWW-Authenticate, X-Request-Id",
  });
  edge.origin.answer(() => new Response(null, { status: 304, headers: { ETag: '"1"' } }));
  const kept = await edge.fetch("/api/lectures", {
    headers: { Origin: seats, "If-None-Match": '"1"' },
  });
  expect([kept.status, kept.headers.get("vary")]).toEqual([304, "Origin"]);

  edge.origin.answer(answerCommand());
  const soldOut = await loadOpenLecture(edge.redis, { capacity: 0 });
  const student = await enterStudent(edge);
  const answers = [
    kept,
    await edge.fetch("/nowhere", { headers: { Origin: seats } }),
    await edge.fetch("/api/me", { headers: { Origin: seats } }),
    await student.press(await loadOpenLecture(edge.redis), { Origin: seats }),
    await student.press(soldOut, { Origin: seats }),
    await student.press(soldOut, { Origin: seats }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([304, 404, 401, 202, 409, 409]);
  for (const { headers } of answers) {
    expect(headers.get("access-control-allow-origin")).toBe(seats);
    expect(headers.get("vary")).toContain("Origin");
  }
  expect(answers[5]?.headers.get("vary")).toBe("Accept-Language, Origin");
  expect((await bodyOf(answers[5] as Response))["code"]).toBe("sold_out");
});

test("caches are told that answers differ by origin, also by those to nobody's page", async () => {
  expect((await edge.fetch("/api/lectures")).headers.get("vary")).toBe("Origin");
});
