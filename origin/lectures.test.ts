import { afterAll, expect, test } from "bun:test";
import { createLeftOutLog } from "../runtime/telemetry/left-out.ts";
import { withSenselessLecture } from "../test/senseless-lecture.ts";
import { openTestDatabase } from "../test/servers.ts";
import { deadlineIn } from "./deadline.ts";
import { findLecture, listLectures } from "./lectures.ts";

const [database, catalogue] = [openTestDatabase(), openTestDatabase("catalogue")];
afterAll(() => Promise.all([database.close(), catalogue.close()]));

test.each(["opens_at", "starts_at"] as const)(
  "a lecture whose %s is no date is left out of the list, and logged once",
  async (which) => {
    await withSenselessLecture({ database, catalogue }, which, async (lectureId) => {
      const told: unknown[] = [];
      const reading = {
        catalogue,
        tellLeftOut: createLeftOutLog({ error: (fields: unknown) => told.push(fields) }),
      };
      const others = await listLectures(reading, deadlineIn(10_000));
      await listLectures(reading, deadlineIn(10_000));
      expect(others.length).toBeGreaterThan(0);
      expect(others.map(({ id }) => id)).not.toContain(lectureId);
      expect(await findLecture(reading, lectureId, deadlineIn(10_000))).toBeUndefined();
      expect(told).toMatchObject([{ event: "lecture_left_out", lectureId }]);
    });
  },
);
