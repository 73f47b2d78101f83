import { afterAll, expect, test } from "bun:test";
import { claim } from "../admission/claim.ts";
import { UNREAD } from "../catalogue/cache/writing-lecture.ts";
import { projectTerms } from "../catalogue/project.ts";
import type { LectureId } from "../contract/ids.ts";
import { ridOf } from "../contract/ids.ts";
import type { Terms } from "../contract/terms.ts";
import { openWorkerRoom } from "../test/rooms/worker.ts";
import { readBookingTerms } from "./booking-terms.ts";
import { loadMissing } from "./load.ts";

const room = await openWorkerRoom();
const { deps, redis, catalogue } = room;
afterAll(() => room.close());

/** Terms of a hidden, cancelled lecture in 1970, for the catalogue alone. */
const OTHER_TERMS: Terms = {
  version: 2,
  published: false,
  cancelled: true,
  opensAtMs: 1_000,
  closesAtMs: 2_000,
  startsAtMs: 3_000,
  endsAtMs: 4_000,
  cancelUntilMs: null,
  capacity: 7,
  audience: [],
};

/** Writes columns of the stock row, which nothing else has. */
async function setStock(lectureId: LectureId, assignments: string): Promise<void> {
  await deps.database.withConnection((connection) =>
    connection.query(`UPDATE stock SET ${assignments} WHERE lecture_id = ?`, [lectureId]),
  );
}

async function termsOf(lectureId: LectureId) {
  const { lectures } = await readBookingTerms(deps.database);
  return lectures.find((lecture) => lecture.lectureId === lectureId);
}

test("a lecture that starts before booking closes takes nobody from its start on", async () => {
  const lectureId = await room.publishLecture(3);
  await setStock(lectureId, "starts_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND");
  await loadMissing(deps);
  const rid = ridOf(lectureId, "u1", "key");
  expect(await claim(redis, { lectureId, userId: "u1", rid })).toMatchObject({ outcome: "closed" });
});

test("Redis gets the seats that are wanted, though more count while the number sinks", async () => {
  const lectureId = await room.publishLecture(3);
  await setStock(lectureId, "target = 2");
  expect(await termsOf(lectureId)).toMatchObject({ capacity: 2 });
});

test("the stock row alone makes a lecture bookable, whatever the catalogue shows", async () => {
  const [hidden, shown] = [await room.publishLecture(3), await room.publishLecture(3)];
  await setStock(hidden, "published = FALSE");
  await projectTerms(catalogue, UNREAD, shown, OTHER_TERMS);
  expect(await termsOf(hidden)).toMatchObject({ closesAtMs: 0 });
  expect(await termsOf(shown)).toMatchObject({ cancelled: false, capacity: 3 });
});

test("the lecture that was amended last is loaded first", async () => {
  const pair = [await room.publishLecture(3), await room.publishLecture(3)];
  for (const [first = "", second = ""] of [pair, pair.toReversed()]) {
    await setStock(first, "amended_at = UTC_TIMESTAMP(3) + INTERVAL 1 SECOND");
    await setStock(second, "amended_at = UTC_TIMESTAMP(3)");
    const { lectures } = await readBookingTerms(deps.database);
    const ids = lectures.map(({ lectureId }) => lectureId);
    expect(ids.indexOf(first)).toBeLessThan(ids.indexOf(second));
  }
});
