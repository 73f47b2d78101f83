import { afterAll, beforeAll, expect, test } from "bun:test";
import { bodyOf, enterStudent, loadOpenLecture, startEdgeAlone } from "../test/edge-alone.ts";

const edge = startEdgeAlone({ USER_BUCKET_TOKENS: "1000" });
afterAll(() => edge.close());

let lectureId = "";
let student: Awaited<ReturnType<typeof enterStudent>>;

/** Teaches the edge that the lecture is sold out: for 1 s it need not ask. */
beforeAll(async () => {
  lectureId = await loadOpenLecture(edge.redis, { capacity: 0 });
  student = await enterStudent(edge);
  await student.press(lectureId);
});

/** The number of requests to Redis during the work. */
async function askedBy(work: () => unknown): Promise<number> {
  const before = edge.wire.requests.length;
  await work();
  return edge.wire.requests.length - before;
}

/** Teaches the edge again, however much time has passed. */
async function known(): Promise<void> {
  for (;;) {
    await student.press(lectureId);
    if ((await askedBy(() => student.press(lectureId))) === 0) return;
  }
}

test("memory refuses a press with any query, in its language, under its own name", async () => {
  await known();
  const answers: Response[] = [];
  const asked = await askedBy(async () => {
    answers.push(await student.press(lectureId));
    answers.push(await student.send("POST", `/api/lectures/${lectureId}/reservations?seat=1`));
    answers.push(await student.press(lectureId, { "Accept-Language": "zh" }));
  });
  expect(asked).toBe(0);
  const bodies = await Promise.all(answers.map(bodyOf));
  expect(bodies.map(({ code }) => code)).toEqual(["sold_out", "sold_out", "sold_out"]);
  expect(answers.map(({ headers }) => headers.get("content-language"))).toEqual(["en", "en", "zh"]);
  const names = answers.map(({ headers }) => headers.get("x-request-id"));
  expect(bodies.map(({ instance }) => instance)).toEqual(names.map((name) => `urn:uuid:${name}`));
  expect(new Set(names).size).toBe(3);
  for (const { headers } of answers) {
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
});

test.each([
  ["GET", "/reservations", 405],
  ["POST", "/reservations/", 404],
  ["POST", "/reservationsx", 404],
  ["POST", "/reservation", 404],
  ["POST", "//reservations", 404],
  ["POST", "", 405],
])("%s of a known lecture's %p is no press", async (method, rest, status) => {
  await known();
  expect((await student.send(method, `/api/lectures/${lectureId}${rest}`)).status).toBe(status);
});

test("a stranger is 401 and learns nothing that memory holds", async () => {
  await known();
  const answer = await edge.fetch(`/api/lectures/${lectureId}/reservations`, { method: "POST" });
  expect(answer.status).toBe(401);
});
