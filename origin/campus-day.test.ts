import { expect, test } from "bun:test";
import { campusDay, isTimeZone } from "./campus-day.ts";

test.each([
  ["2026-12-01", "Asia/Shanghai", "2026-11-30T16:00:00Z", 24],
  ["2026-12-01", "UTC", "2026-12-01T00:00:00Z", 24],
  ["2026-03-08", "America/New_York", "2026-03-08T05:00:00Z", 23],
  ["2026-11-01", "America/New_York", "2026-11-01T04:00:00Z", 25],
  ["2026-12-31", "Pacific/Kiritimati", "2026-12-30T10:00:00Z", 24],
])("%s in %s begins at %s and has %d hours", (day, timeZone, from, hours) => {
  const { fromMs, untilMs } = campusDay(day, timeZone);
  expect(new Date(fromMs).toISOString()).toBe(from.replace("Z", ".000Z"));
  expect(untilMs - fromMs).toBe(hours * 3_600_000);
});

test("a time zone is known by its name", () => {
  expect(["Asia/Shanghai", "Nowhere/At_All", ""].map(isTimeZone)).toEqual([true, false, false]);
});
