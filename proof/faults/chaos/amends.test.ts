import { expect, test } from "bun:test";
import { breaksLetThrough, drawAmends } from "./amends.ts";

const drawn = Array.from({ length: 200 }, (_, seed) => drawAmends({ seed, seats: 50 }));

test("the same seed draws the same changes, and most schedules have some", () => {
  expect(drawAmends({ seed: 9, seats: 50 })).toEqual(drawn[9] ?? []);
  expect(drawn.filter((amends) => amends.length > 0).length).toBeGreaterThan(100);
});

test("a lecture that was closed is open at the end, and never has more seats than in the beginning", () => {
  for (const amends of drawn) {
    const changes = amends.map(({ change }) => change);
    if (changes.includes("close")) expect(changes.at(-1)).toBe("reopen");
    for (const change of changes)
      if (typeof change !== "string") expect(change.capacity).toBeWithin(20, 51);
    const at = amends.map(({ afterMs }) => afterMs);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
  }
});

test("who was let through and is sold out breaks T3, unless Redis lost data", () => {
  const row = { rid: "7-1", userId: "u1", claimedAtMs: 1, decidedAtMs: 2 } as const;
  const rows = [
    { ...row, status: "rejected" as const, reason: "sold_out" },
    { ...row, status: "rejected" as const, reason: "already_reserved" },
  ];
  expect([...breaksLetThrough(rows, { redisLostData: false })]).toHaveLength(1);
  expect([...breaksLetThrough(rows, { redisLostData: true })]).toEqual([]);
});
