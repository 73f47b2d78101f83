import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { connect } from "node:net";
import { loadOpenLecture, randomUserId, startEdgeAlone, tokenFor } from "../test/edge-alone.ts";
import { randomLectureId } from "../test/servers.ts";
import { refuse } from "../test/stub-origin.ts";

const edge = startEdgeAlone();
const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: edge.handle });
afterAll(async () => {
  await server.stop(true);
  await edge.close();
});

let token = "";
let lectureId = "";
beforeAll(async () => {
  token = await tokenFor(randomUserId(), edge.env.SESSION_KEYS);
  lectureId = await loadOpenLecture(edge.redis);
});
beforeEach(() => {
  edge.origin.heard.length = 0;
  edge.origin.answer(() => refuse("lecture_not_found", 404));
});

function send(method: string, path: string, headers: Record<string, string> = {}, body?: BodyInit) {
  return fetch(server.url.origin + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...headers },
    ...(body !== undefined && { body }),
  });
}

function press(headers: Record<string, string>, body?: BodyInit) {
  return send("POST", `/api/lectures/${lectureId}/reservations`, headers, body);
}

async function expectProblem(response: Response, status: number, code: string): Promise<void> {
  const problem = (await response.json()) as Record<string, unknown>;
  expect([response.status, problem["code"]]).toEqual([status, code]);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(problem).toMatchObject({
    type: `tag:lectern.example,2026:problem:${code}`,
    status,
    title: expect.any(String),
  });
  expect(problem["instance"]).toBe(`urn:uuid:${response.headers.get("x-request-id")}`);
}

const json = { "Content-Type": "application/json" };

const impossibleIds = [
  "1abc",
  "0",
  "01",
  "-1",
  "1.0",
  "1e3",
  "__proto__",
  "constructor",
  "..%2Fx",
  "%00",
  "1%00",
  "1%0A",
];
const impossibleLongIds = [
  "1234567890123456",
  "%F0%9F%98%80",
  "%zz",
  "%2e%2e%2fadmin",
  "1%20OR%201=1",
  "9".repeat(1_000),
];

test.each([...impossibleIds, ...impossibleLongIds])(
  "%s is no lecture, and Redis does not hear of it",
  async (id) => {
    const before = edge.wire.requests.length;
    await expectProblem(
      await send("POST", `/api/lectures/${id}/reservations`),
      404,
      "lecture_not_found",
    );
    await expectProblem(await send("GET", `/api/lectures/${id}`), 404, "lecture_not_found");
    await expectProblem(
      await send("GET", `/api/lectures/${id}/availability`),
      404,
      "lecture_not_found",
    );
    expect(edge.wire.requests.length).toBe(before);
    expect(edge.origin.heard).toEqual([]);
  },
);

test.each([
  ...impossibleIds,
  "1-ABC",
  `1-${"0".repeat(31)}`,
  `1-${"0".repeat(33)}`,
  `01-${"0".repeat(32)}`,
])("%s is no reservation, and nobody is asked for it", async (id) => {
  const path = `/api/reservations/${id}`;
  await expectProblem(await send("GET", path), 404, "reservation_not_found");
  await expectProblem(await send("GET", `${path}/events`), 404, "reservation_not_found");
  await expectProblem(await send("DELETE", path), 404, "reservation_not_found");
  expect(edge.origin.heard).toEqual([]);
});

test.each(["../x", "x/../../../etc/passwd", "", "/"])(
  "a path with %p in place of an id is not found",
  async (id) => {
    const response = await send("POST", `/api/lectures/${id}/reservations`);
    expect(response.status).toBe(404);
  },
);

test("a lecture that nobody knows is 404", async () => {
  const unknown = randomLectureId();
  await expectProblem(
    await send("POST", `/api/lectures/${unknown}/reservations`),
    404,
    "lecture_not_found",
  );
  await expectProblem(
    await send("GET", `/api/lectures/${unknown}/availability`),
    404,
    "lecture_not_found",
  );
});

test.each(["{", "{]", "nul", "{'a':1}", "\u0000", '{"a":1}x', "\uFEFF{}x", "[".repeat(10_000)])(
  "the body %p is not JSON",
  async (body) => {
    await expectProblem(await press(json, body), 400, "malformed_json");
  },
);

test("a body that is not UTF-8 is not JSON", async () => {
  await expectProblem(
    await press(json, new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])),
    400,
    "malformed_json",
  );
});

test.each([
  "null",
  "1",
  "true",
  '"{}"',
  "[]",
  '{"seats":2}',
  '{"__proto__":{"a":1}}',
  '{"lectureId":"1"}',
])("the body %s is not what a reservation takes", async (body) => {
  await expectProblem(await press(json, body), 422, "invalid_request");
});

test("a body that is not read is answered with what would be", async () => {
  const typed = await press({ "Content-Type": "text/plain" }, new Blob(["{}"]));
  expect([typed.status, typed.headers.get("accept")]).toEqual([415, "application/json"]);
  const packed = await press({ ...json, "Content-Encoding": "gzip" }, Bun.gzipSync("{}"));
  expect([packed.status, packed.headers.get("accept-encoding")]).toEqual([415, "identity"]);
  await expectProblem(
    await press({ ...json, "Content-Encoding": "identity" }, "["),
    400,
    "malformed_json",
  );
});

test("the same key with another body is 422 while the seat stands", async () => {
  const key = { "Idempotency-Key": crypto.randomUUID() };
  const own = await tokenFor(randomUserId(), edge.env.SESSION_KEYS);
  const authorization = { Authorization: `Bearer ${own}` };
  expect((await press({ ...key, ...authorization })).status).toBe(202);
  await expectProblem(
    await press({ ...json, ...key, ...authorization }, '{"a":1}'),
    422,
    "invalid_request",
  );
  expect((await press({ ...key, ...authorization, ...json }, "{}")).status).toBe(202);
});

test.each([
  "",
  " ",
  "a b",
  "é",
  "k".repeat(256),
  `"${"k".repeat(254)}"`,
  "a\tb",
  '"a b',
  'a b"',
  '"a" "b"',
  '"a b" c',
  '"é b"',
  '"a\tb"',
  '"a \\x"',
  '"a \\"',
  '"a "b" c"',
])("the Idempotency-Key %p is refused", async (key) => {
  await expectProblem(await press({ "Idempotency-Key": key }), 422, "invalid_request");
});

test.each([
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/jsonp",
  "multipart/form-data",
  "",
])("a body of the type %p is not read", async (type) => {
  const typed = type ? { "Content-Type": type } : {};
  await expectProblem(await press(typed, new Blob(["{}"])), 415, "unsupported_media_type");
});

test("a wrong Prefer is no preference", async () => {
  for (const prefer of [
    "wait",
    "wait=",
    "wait=-1",
    "wait=1.5",
    "wait=abc",
    "foo; wait=5",
    "await=5",
    'a="b, wait=5"',
  ]) {
    const own = await tokenFor(randomUserId(), edge.env.SESSION_KEYS);
    const response = await press({ Prefer: prefer, Authorization: `Bearer ${own}` });
    expect(response.headers.get("preference-applied")).toBeNull();
  }
});

test.each(["a known", "an unknown"])(
  "a body of 1 MB of %s length is refused before it is read",
  async (length) => {
    const megabyte = new Uint8Array(1_024 * 1_024).fill(0x20);
    for (const path of [
      `/api/lectures/${lectureId}/reservations`,
      "/api/auth/demo",
      "/api/nowhere",
    ]) {
      const body = length === "a known" ? megabyte : new Blob([megabyte]).stream();
      await expectProblem(await send("POST", path, json, body), 413, "body_too_large");
    }
  },
);

test("a body of 16 KB is read, one byte more is not", async () => {
  await expectProblem(await press(json, "[".padEnd(16_384)), 400, "malformed_json");
  await expectProblem(await press(json, "[".padEnd(16_385)), 413, "body_too_large");
});

test("the answer to a body of 1 MB comes although its sender has sent nothing but the headers", async () => {
  const answer = await raw(
    `POST /api/lectures/${lectureId}/reservations HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer ${token}\r\nContent-Length: 1048576\r\n\r\n`,
  );
  expect(answer).toStartWith("HTTP/1.1 413 ");
});

test("an address of more than 2 KB is too long", async () => {
  await expectProblem(
    await send("GET", `/api/lectures?q=${"x".repeat(3_000)}`),
    414,
    "uri_too_long",
  );
});

test.each([
  "/",
  "/api",
  "/api/",
  "/api/lectures/",
  "/healthz",
  "/readyz",
  "/metrics",
  "/api/admin/nothing",
  "/commands",
])("there is nothing at %s", async (path) => {
  await expectProblem(await send("GET", path), 404, "route_not_found");
  expect(edge.origin.heard).toEqual([]);
});

test.each([
  ["PUT", "/api/lectures", "GET, HEAD"],
  ["OPTIONS", "/api/lectures", "GET, HEAD"],
  ["GET", "/api/lectures/1/reservations", "POST"],
  ["PATCH", `/api/reservations/1-${"0".repeat(32)}`, "GET, HEAD, DELETE"],
  ["GET", "/api/auth/demo", "POST"],
  ["HEAD", `/api/reservations/1-${"0".repeat(32)}/events`, "GET"],
  ["PUT", `/api/reservations/1-${"0".repeat(32)}/events`, "GET"],
  ["OPTIONS", "/api/lectures/1", "GET, HEAD"],
  ["HEAD", "/api/auth/demo", "POST"],
])("%s %s is not taken, and the answer tells what is", async (method, path, allow) => {
  const response = await send(method, path);
  expect([response.status, response.headers.get("allow")]).toEqual([405, allow]);
  if (method !== "HEAD") await expectProblem(response, 405, "method_not_allowed");
});

test.each([
  "null",
  "[]",
  "{}",
  '{"studentNumber":1}',
  '{"studentNumber":"a b"}',
  '{"studentNumber":"1234","role":"root"}',
  '{"studentNumber":"123"}',
])("%s signs nobody in", async (body) => {
  await expectProblem(await send("POST", "/api/auth/demo", json, body), 422, "invalid_request");
  expect(edge.origin.heard.filter(({ path }) => path.startsWith("/auth"))).toEqual([]);
});

test("a sign-in without a body is 422, malformed 400, of another type 415", async () => {
  await expectProblem(await send("POST", "/api/auth/demo"), 422, "invalid_request");
  await expectProblem(await send("POST", "/api/auth/demo", json, "{"), 400, "malformed_json");
  await expectProblem(
    await send("POST", "/api/auth/demo", {}, "a=b"),
    415,
    "unsupported_media_type",
  );
});

/** Sends raw bytes, and returns the first bytes of the answer; empty if the server closes. */
function raw(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(server.port), "127.0.0.1", () => socket.write(request, "latin1"));
    socket.setTimeout(5_000, () => socket.destroy(new Error("no answer within 5 s")));
    socket.on("data", (bytes) => {
      resolve(bytes.toString("latin1"));
      socket.destroy();
    });
    socket.on("close", () => resolve(""));
    socket.on("error", reject);
  });
}
