import { expect, test } from "bun:test";
import { newestFirst, readCursor, readPlace, writeCursor, writePlace } from "./reservation-page.ts";

const place = (claimedAtMs: number, lectureId: string, digits = "0") => ({
  claimedAtMs,
  rid: `${lectureId}-${digits.repeat(32)}`,
});

test.each([
  place(0, "1"),
  place(1_800_000_000_000, "12", "a"),
  place(999_999_999_999_999, "999999999999999", "f"),
])("a place comes back as it was from its text and from its cursor", (one) => {
  expect(readPlace(writePlace(one))).toEqual(one);
  expect(readCursor(writeCursor(one))).toEqual(one);
  expect(writeCursor(one)).toMatch(/^[A-Za-z0-9]+$/);
});

test("a cursor that was never given is none, whatever it decodes to", () => {
  const good = writeCursor(place(1_800_000_000_000, "12"));
  const others = [
    "",
    "0",
    `${good}=`,
    good.slice(0, -1),
    good.slice(4),
    `A${good}`,
    "A".repeat(41),
    "é".repeat(50),
  ];
  for (const text of [...others, btoa(`1.7-${"0".repeat(31)}g`)])
    expect(readCursor(text)).toBeUndefined();
});

test("the newest claim comes first, and claims of one moment have an order of their own", () => {
  const sorted = [place(2, "7"), place(1, "10", "b"), place(1, "10", "a"), place(1, "9", "f")];
  expect(sorted.toReversed().sort(newestFirst)).toEqual(sorted);
  expect(newestFirst(place(1, "9"), place(1, "9"))).toBe(0);
});
