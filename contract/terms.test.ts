import { expect, test } from "bun:test";
import { bookingWindow, cancelUntil, senselessTerm, type Terms } from "./terms.ts";

const [opensAtMs, closesAtMs, startsAtMs, endsAtMs] = [1_000, 2_000, 3_000, 4_000];
const sensible: Terms = {
  version: 1,
  published: true,
  cancelled: false,
  opensAtMs,
  closesAtMs,
  startsAtMs,
  endsAtMs,
  cancelUntilMs: null,
  capacity: 5,
  audience: [],
};

test.each([
  [{}, undefined],
  [{ capacity: 0 }, undefined],
  [{ closesAtMs: endsAtMs }, undefined],
  [{ cancelUntilMs: 0 }, undefined],
  [{ opensAtMs: Number.NaN }, "opens_at is no date"],
  [{ closesAtMs: Number.NaN }, "closes_at is no date"],
  [{ startsAtMs: Number.NaN }, "starts_at is no date"],
  [{ endsAtMs: 300_000_000_000_000 }, "ends_at is no date"],
  [{ cancelUntilMs: Number.NaN }, "cancel_until is no date"],
  [{ closesAtMs: opensAtMs }, "it closes before it opens"],
  [{ closesAtMs: 0 }, "it closes before it opens"],
  [{ startsAtMs: opensAtMs }, "it starts before it opens"],
  [{ endsAtMs: startsAtMs }, "it ends before it starts"],
  [{ capacity: -1 }, "capacity is no number of seats"],
  [{ capacity: 1.5 }, "capacity is no number of seats"],
  [{ capacity: Number.NaN }, "capacity is no number of seats"],
  [{ capacity: 4_294_967_296 }, "capacity is no number of seats"],
])("terms with %p: %p", (change, why) => {
  expect(senselessTerm({ ...sensible, ...change })).toBe(why as string);
});

test("booking ends when it closes, and at the start at the latest", () => {
  expect(bookingWindow(sensible)).toEqual({ opensAtMs, closesAtMs });
  expect(bookingWindow({ ...sensible, closesAtMs: 3_500 })).toEqual({
    opensAtMs,
    closesAtMs: startsAtMs,
  });
});

test("cancelling ends at the start or as the lecture says, never for a cancelled one", () => {
  expect(cancelUntil(sensible)).toBe(startsAtMs);
  expect(cancelUntil({ ...sensible, cancelUntilMs: 2_500 })).toBe(2_500);
  expect(cancelUntil({ ...sensible, cancelUntilMs: 0 })).toBe(0);
  expect(cancelUntil({ ...sensible, cancelled: true })).toBeUndefined();
  expect(cancelUntil({ ...sensible, endsAtMs: Number.NaN })).toBeUndefined();
});
