import { expect, test } from "bun:test";
import type { Availability } from "../contract/lecture.ts";
import { keepAvailability } from "./kept-availability.ts";

const OPENS_AT_MS = Date.parse("2026-11-28T04:00:00.000Z");

/** Kept at `msBefore` the opening by Redis' clock, when the own clock showed 1,000,000. */
function keep(msBefore: number, change: Partial<Availability> = {}) {
  const kept = keepAvailability(
    {
      state: msBefore > 0 ? "upcoming" : "open",
      remaining: 3,
      capacity: 5,
      opensAt: new Date(OPENS_AT_MS).toISOString(),
      closesAt: new Date(OPENS_AT_MS + 60_000).toISOString(),
      serverTime: new Date(OPENS_AT_MS - msBefore).toISOString(),
      ...change,
    },
    1_000_000,
  );
  return (afterMs: number, headers: Record<string, string> = {}) =>
    kept.respond({
      requestId: "r",
      isOverTls: false,
      headers: new Headers(headers),
      nowMs: 1_000_000 + afterMs,
      ageS: undefined,
    });
}

const bodyOf = async (answer: Response) => (await answer.json()) as Availability;

test("serverTime follows the own clock, never ahead of it and at most 20 ms behind", async () => {
  const at = keep(500);
  for (const afterMs of [0, 1, 19.9, 20, 21, 137.4, 499, 999]) {
    const { serverTime } = await bodyOf(at(afterMs));
    const lateMs = OPENS_AT_MS - 500 + afterMs - Date.parse(serverTime);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(20);
  }
  // A clock that stands still, as on Workers while a request runs, moves nothing back.
  expect((await bodyOf(at(-5))).serverTime).toBe(new Date(OPENS_AT_MS - 500).toISOString());
});

test("a kept lecture opens and closes on time, and sold out or cancelled stays so", async () => {
  const stateAt = async (answer: Response) => (await bodyOf(answer)).state;
  const opening = keep(500);
  expect(await stateAt(opening(499))).toBe("upcoming");
  expect(await stateAt(opening(500))).toBe("open");
  expect(await stateAt(keep(500, { remaining: 0 })(500))).toBe("sold_out");
  const closing = keep(-59_700);
  expect(await stateAt(closing(299))).toBe("open");
  expect(await stateAt(closing(300))).toBe("closed");
  expect(await stateAt(keep(500, { state: "cancelled" })(900))).toBe("cancelled");
  expect(await stateAt(keep(500, { state: "closed" })(900))).toBe("closed");
});

test("the tag names the bytes: 304 for the same, another tag for another serverTime", async () => {
  const at = keep(500);
  const first = at(0);
  const tag = first.headers.get("etag") as string;
  expect(tag).toMatch(/^"[^",]+"$/);
  const same = at(19, { "If-None-Match": `"x", W/${tag}` });
  expect([same.status, await same.text(), same.headers.get("etag")]).toEqual([304, "", tag]);
  expect(same.headers.get("cache-control")).toBe("public, max-age=0, s-maxage=1");
  const later = at(20, { "If-None-Match": tag });
  expect(later.status).toBe(200);
  expect(later.headers.get("etag")).not.toBe(tag);
  expect(await first.text()).not.toBe(await later.text());
});
