import { afterAll, beforeEach, expect, test } from "bun:test";
import { ridOf } from "../contract/ids.ts";
import type { Lecture } from "../contract/lecture.ts";
import { bodyOf, enterStudent, startEdgeAlone } from "../test/edge-alone.ts";
import { randomLectureId } from "../test/servers.ts";
import { shownLecture } from "../test/shown-lecture.ts";
import { refuse } from "../test/stub-origin.ts";
import { createLongOverLectures } from "./long-over.ts";

const edge = startEdgeAlone();
afterAll(() => edge.close());
beforeEach(() => {
  edge.origin.heard.length = 0;
});

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

/** A lecture that Redis does not know. */
function lectureOf(closedForMs: number, change: Partial<Lecture> = {}): Lecture {
  const at = (ms: number) => new Date(Date.now() - closedForMs + ms).toISOString();
  return shownLecture({
    id: randomLectureId(),
    startsAt: at(DAY_MS),
    endsAt: at(2 * DAY_MS),
    opensAt: at(-DAY_MS),
    closesAt: at(0),
    capacity: 4,
    ...change,
  });
}

const codeOf = async (answer: Response | Promise<Response>) => {
  const response = await answer;
  return [response.status, (await bodyOf(response))["code"]];
};
const paths = () => edge.origin.heard.map(({ path }) => path);

test("a window that closed 31 days ago is closed to all; the origin is asked once", async () => {
  const lecture = lectureOf(31 * DAY_MS);
  edge.origin.answer(() => Response.json(lecture));
  for (let press = 0; press < 3; press += 1) {
    const student = await enterStudent(edge);
    expect(await codeOf(student.press(lecture.id))).toEqual([409, "closed"]);
  }
  expect(paths()).toEqual([`/lectures/${lecture.id}`]);
});

test("booking ended at the start, however late it would close; availability says so", async () => {
  const lecture = lectureOf(31 * DAY_MS, { closesAt: new Date(Date.now() + DAY_MS).toISOString() });
  edge.origin.answer(() => Response.json(lecture));
  const student = await enterStudent(edge);
  expect(await codeOf(student.press(lecture.id))).toEqual([409, "closed"]);
  const availability = await edge.fetch(`/api/lectures/${lecture.id}/availability`);
  expect(await bodyOf(availability)).toMatchObject({
    state: "closed",
    closesAt: lecture.startsAt,
  });
});

test("a key that booked in time finds its reservation; any other key is closed", async () => {
  const lecture = lectureOf(31 * DAY_MS);
  const { press, userId } = await enterStudent(edge);
  const rid = ridOf(lecture.id, userId, "in-time");
  edge.origin.answer(({ path }) => {
    if (path === `/lectures/${lecture.id}`) return Response.json(lecture);
    if (path !== `/reservations/${rid}?user=${userId}`) return refuse("reservation_not_found", 404);
    return Response.json({ id: rid, lectureId: lecture.id, status: "confirmed" });
  });
  expect((await press(lecture.id, { "Idempotency-Key": "in-time" })).status).toBe(201);
  expect(await codeOf(press(lecture.id, { "Idempotency-Key": "too-late" }))).toEqual([
    409,
    "closed",
  ]);
  expect(paths().filter((path) => path.startsWith("/lectures"))).toHaveLength(1);
  edge.origin.answer(() => new Response(null, { status: 500 }));
  expect(await codeOf(press(lecture.id, { "Idempotency-Key": "in-time" }))).toEqual([
    503,
    "unavailable",
  ]);
});

test("its availability is closed or cancelled, with nothing left to book", async () => {
  const lecture = lectureOf(31 * DAY_MS);
  edge.origin.answer(() => Response.json(lecture));
  const response = await edge.fetch(`/api/lectures/${lecture.id}/availability`);
  expect([response.status, await response.json()]).toEqual([
    200,
    {
      state: "closed",
      remaining: 0,
      capacity: 4,
      opensAt: lecture.opensAt,
      closesAt: lecture.closesAt,
      serverTime: expect.any(String),
    },
  ]);
  const cancelled = lectureOf(31 * DAY_MS, { cancelled: true });
  edge.origin.answer(() => Response.json(cancelled));
  const { press } = await enterStudent(edge);
  expect(await codeOf(press(cancelled.id))).toEqual([409, "lecture_cancelled"]);
  const shown = await edge.fetch(`/api/lectures/${cancelled.id}/availability`);
  expect((await bodyOf(shown))["state"]).toBe("cancelled");
});

test.each([
  ["is open", -DAY_MS],
  ["closed a moment ago, by a clock that may be wrong", 5 * MINUTE_MS],
])("a lecture that is not loaded yet and %s is not ready", async (_, closedForMs) => {
  const lecture = lectureOf(closedForMs);
  edge.origin.answer(() => Response.json(lecture));
  const { press } = await enterStudent(edge);
  expect(await codeOf(press(lecture.id))).toEqual([503, "not_ready"]);
});

test("the origin's answer about a lecture is forgotten after a minute", () => {
  let nowMs = 0;
  const longOver = createLongOverLectures(() => nowMs);
  const lecture = lectureOf(31 * DAY_MS);
  expect(longOver.learn(lecture)).toMatchObject({ code: "closed" });
  nowMs = 59_999;
  expect(longOver.of(lecture.id)).toMatchObject({ code: "closed" });
  nowMs = 60_000;
  expect(longOver.of(lecture.id)).toBeUndefined();
});
