import { expect, test } from "bun:test";
import { type Entry, intentsOf } from "./journal.ts";

const rid = `7-${"a".repeat(32)}`;
const base: Entry = {
  userId: "a",
  key: "a-1",
  kind: "press",
  sentAtMs: 100,
  answeredAtMs: 110,
  status: 202,
  outcome: "pending",
};

test("what belongs to one key is one intent, clicked when it was first sent and concluded in the order of the answers", () => {
  const confirmed = { ...base, outcome: "confirmed", rid } as const;
  const entries: Entry[] = [
    { ...confirmed, kind: "status", sentAtMs: 300, answeredAtMs: 310, status: 200 },
    { ...base, rid },
    { ...confirmed, kind: "again", sentAtMs: 200, answeredAtMs: 205, status: 201 },
  ];
  expect(intentsOf(entries)).toEqual([
    {
      userId: "a",
      key: "a-1",
      clickedAtMs: 100,
      rids: new Set([rid]),
      conclusions: [
        { outcome: "confirmed", atMs: 205 },
        { outcome: "confirmed", atMs: 310 },
      ],
      wasPending: true,
    },
  ]);
});

test("a click that was told not_open is not the click, and neither a conclusion", () => {
  const asked = { ...base, kind: "early", sentAtMs: 1, answeredAtMs: 2 } as const;
  const early: Entry = { ...asked, status: 409, outcome: "not_open" };
  expect(intentsOf([early])).toEqual([]);
  expect(intentsOf([early, base])[0]?.clickedAtMs).toBe(100);
});

test("a click before the opening that was let in at the opening is the click", () => {
  const early: Entry = { ...base, kind: "early", sentAtMs: 90, rid };
  expect(intentsOf([early, base])[0]).toMatchObject({
    clickedAtMs: 90,
    rids: new Set([rid]),
    wasPending: true,
  });
});
