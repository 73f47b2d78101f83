import { expect, test } from "bun:test";
import { openNotLoaded } from "./not-loaded.ts";
import type { Origin } from "./origin-client.ts";

/** Questions to an origin that answers when the test says so, by the test's clock. */
function asking() {
  const clock = { nowMs: 0 };
  const questions: ((answer: Response) => void)[] = [];
  const ask = () => new Promise<Response>((resolve) => questions.push(resolve));
  const origin: Origin = { ask, follow: ask };
  const why = openNotLoaded(origin, () => clock.nowMs);
  return {
    clock,
    questions,
    why: async (lectureId = "7") => (await why(lectureId, "request")).code,
  };
}

/** A lecture with an open window. */
const LECTURE = {
  id: "7",
  title: "Light",
  speaker: "P",
  venue: "H",
  startsAt: "2100-01-03T00:00:00Z",
  endsAt: "2100-01-04T00:00:00Z",
  opensAt: "2000-01-01T00:00:00Z",
  closesAt: "2100-01-02T00:00:00Z",
  capacity: 1,
  cancelled: false,
  bio: "",
  host: { id: "campus", name: "Campus" },
  category: "",
  posterUrl: null,
  descriptionHtml: "",
  audience: [],
  version: 1,
};
const missing = () => Response.json({ code: "lecture_not_found" }, { status: 404 });
const known = () => Response.json(LECTURE);

test("what the origin said is told for a second from the question on, of that lecture alone", async () => {
  const { clock, questions, why } = asking();
  const first = why();
  clock.nowMs = 400;
  questions[0]?.(missing());
  expect(await first).toBe("lecture_not_found");
  clock.nowMs = 999;
  expect([await why(), questions.length]).toEqual(["lecture_not_found", 1]);
  const other = why("8");
  clock.nowMs = 1_000;
  const again = why();
  expect(questions).toHaveLength(3);
  for (const answer of questions.slice(1)) answer(known());
  expect(await Promise.all([other, again])).toEqual(["not_ready", "not_ready"]);
});

test("a few ask at once, the rest is told not_ready, and a question whose answer never comes holds nobody up for long", async () => {
  const { clock, questions, why } = asking();
  for (let at = 0; at < 4; at++) void why();
  expect([await why(), questions.length]).toEqual(["not_ready", 4]);
  clock.nowMs = 1_000;
  const next = why();
  questions[4]?.(missing());
  expect(await next).toBe("lecture_not_found");
  expect([await why(), questions.length]).toEqual(["lecture_not_found", 5]);
});

test("a late answer does not take the place of a newer one", async () => {
  const { clock, questions, why } = asking();
  const old = why();
  clock.nowMs = 5_000;
  const newer = why();
  questions[1]?.(known());
  await newer;
  questions[0]?.(missing());
  expect([await old, await why()]).toEqual(["lecture_not_found", "not_ready"]);
});
