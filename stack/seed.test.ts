import { expect, test } from "bun:test";
import { Availability, LectureInList } from "../contract/lecture.ts";
import { eventually } from "../test/servers.ts";
import { get } from "../test/system.ts";
import { SOLD_OUT_TITLE, seedLectures } from "./seed-lectures.ts";

/** A seeded lecture, as the edge of a fresh system shows it. */
async function seeded(
  title: string,
): Promise<{ lecture: LectureInList; availability: Availability }> {
  const { lectures } = (await (
    await get(`/api/lectures?q=${encodeURIComponent(title)}`)
  ).json()) as { lectures: unknown[] };
  const lecture = lectures
    .map((entry) => LectureInList.parse(entry))
    .find((entry) => entry.title === title);
  if (!lecture) throw new Error(`there is no lecture ${title}`);
  return await eventually(`lecture ${lecture.id} is loaded`, async () => {
    const answer = await get(`/api/lectures/${lecture.id}/availability`);
    return answer.ok && { lecture, availability: Availability.parse(await answer.json()) };
  });
}

test("a fresh system has a lecture for each state a student can meet", async () => {
  const [open, soon, closed, soldOut, big] = await Promise.all(
    seedLectures(new Date()).map(({ title }) => seeded(title)),
  );
  expect(open?.availability.state).toBe("open");
  expect(closed?.availability.state).toBe("closed");
  expect(soldOut?.lecture.title).toBe(SOLD_OUT_TITLE);
  expect(soldOut?.availability).toMatchObject({ state: "sold_out", remaining: 0, capacity: 3 });
  expect(big?.availability).toMatchObject({ state: "open", capacity: 3_000 });
  const hasOpened = soon && soon.availability.serverTime >= soon.availability.opensAt;
  expect(soon?.availability.state).toBe(hasOpened ? "open" : "upcoming");
});
