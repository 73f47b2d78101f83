import { expect, test } from "bun:test";
import type { Entry } from "../kit/journal.ts";
import { judgePromises, type RushFacts } from "./promises.ts";

const rid = (userId: string) => `7-${userId.padEnd(32, "0")}`;

/** One press of user `a`, answered 201 by default. */
function entry(change: Partial<Entry>): Entry {
  const userId = change.userId ?? "a";
  const outcome = change.outcome ?? "confirmed";
  return {
    userId,
    key: `${userId}-1`,
    kind: "press",
    sentAtMs: 0,
    answeredAtMs: 1,
    status: outcome === "confirmed" ? 201 : outcome === "pending" ? 202 : 409,
    outcome,
    ...((outcome === "confirmed" || outcome === "pending") && { rid: rid(userId) }),
    ...change,
  };
}

/** One seat, won by `a`; `b` heard `sold_out`. */
function rush(more: Entry[] = [], change: Partial<RushFacts> = {}): RushFacts {
  return {
    seats: 1,
    opensAtMs: 0,
    students: ["a", "b"],
    entries: [entry({}), entry({ userId: "b", outcome: "sold_out" }), ...more],
    confirmedRows: [{ rid: rid("a"), userId: "a" }],
    ...change,
  };
}

/** The broken promises, each with its students. */
function broken(facts: RushFacts): string[] {
  return judgePromises(facts)
    .filter(({ count }) => count > 0)
    .map(
      ({ promise, breaches }) =>
        `${promise}: ${breaches.map(({ userId }) => userId ?? "-").join(" ")}`,
    );
}

test("a rush in which everybody was told what is promised breaks nothing", () => {
  const more = [
    entry({ kind: "early", outcome: "not_open", answeredAtMs: -5 }),
    entry({ kind: "again", answeredAtMs: 3 }),
    entry({ key: "a-2", outcome: "already_reserved" }),
    entry({ userId: "b", key: "b-2", outcome: "sold_out" }),
  ];
  expect(broken(rush(more))).toEqual([]);
});

test("more seats than students confirm every student", () => {
  const facts = { seats: 5, students: ["a"], entries: [entry({})] };
  expect(broken(rush([], facts))).toEqual([]);
});

test("a 202 that is confirmed later is a win, and one that is rejected as sold_out a refusal", () => {
  const entries = [
    entry({ outcome: "pending" }),
    entry({ kind: "status", answeredAtMs: 2 }),
    entry({ userId: "b", outcome: "pending" }),
    entry({ userId: "b", kind: "status", outcome: "sold_out", answeredAtMs: 2 }),
  ];
  expect(broken(rush([], { entries }))).toEqual([]);
});

test("a seat too many is told, and so is one too few", () => {
  const sold = "every seat is confirmed, and not one more: -";
  expect(broken(rush([], { seats: 2 }))).toEqual([sold]);
  const both = [entry({}), entry({ userId: "b" })];
  const confirmedRows = [
    { rid: rid("a"), userId: "a" },
    { rid: rid("b"), userId: "b" },
  ];
  expect(broken(rush([], { entries: both, confirmedRows }))).toEqual([sold]);
});

test("a student with two seats breaks G2", () => {
  const more = [entry({ key: "a-2", rid: rid("a2") })];
  const confirmedRows = [
    { rid: rid("a"), userId: "a" },
    { rid: rid("a2"), userId: "a" },
  ];
  expect(broken(rush(more, { seats: 2, confirmedRows }))).toEqual([
    "a student has one seat at most (G2): a",
  ]);
});

test("a student who is told anything but sold_out, or nothing, is named", () => {
  const promise = "whoever has no seat was told sold_out";
  const closed = [entry({}), entry({ userId: "b", outcome: "closed" })];
  expect(broken(rush([], { entries: closed }))).toEqual([`${promise}: b`]);
  expect(broken(rush([], { entries: [entry({})] }))).toEqual([`${promise}: b`]);
});

test("another press of a winner that is told sold_out is named", () => {
  const more = [entry({ key: "a-2", outcome: "sold_out" })];
  expect(broken(rush(more))).toEqual(["another press of a winner was told already_reserved: a"]);
});

test("whoever is told anything but not_open before the opening is named, later it may be anything", () => {
  const more = (answeredAtMs: number) => [
    entry({ userId: "b", kind: "early", outcome: "sold_out", answeredAtMs }),
  ];
  expect(broken(rush(more(-1)))).toEqual(["before the opening everybody was told not_open: b"]);
  expect(broken(rush(more(1)))).toEqual([]);
});

test("a key with two answers breaks G8, and with two decisions G3 as well", () => {
  const more = [entry({ userId: "b", outcome: "closed", answeredAtMs: 0 })];
  expect(broken(rush(more))).toEqual(["the same key has one reservation and one answer (G8): b"]);
  const reversed = [entry({ kind: "again", outcome: "sold_out", answeredAtMs: 5 })];
  expect(broken(rush(reversed))).toEqual([
    "the same key has one reservation and one answer (G8): a",
    "nobody was told two decisions (G3): a",
  ]);
});

test("a key with two reservations breaks G8", () => {
  const more = [entry({ kind: "again", outcome: "pending", rid: rid("other") })];
  expect(broken(rush(more))).toContain("the same key has one reservation and one answer (G8): a");
});

test("a 202 without an end breaks G6", () => {
  const entries = [entry({}), entry({ userId: "b", outcome: "pending" })];
  expect(broken(rush([], { entries }))).toContain("every 202 was decided (G6): b");
});

test.each(["unavailable", "internal", "no_answer", "unexpected", "throttled"] as const)(
  "%s is a failed request, even where the next try succeeds",
  (outcome) => {
    const more = [entry({ kind: "press", outcome, status: 0, answeredAtMs: 0 })];
    expect(broken(rush(more))).toEqual(["no request failed: a"]);
  },
);

test("MySQL and the students must know of the same seats", () => {
  const promise = "MySQL has confirmed whom the edge has told so";
  expect(broken(rush([], { confirmedRows: [] }))).toEqual([`${promise}: a`]);
  const confirmedRows = [
    { rid: rid("a"), userId: "a" },
    { rid: rid("c"), userId: "c" },
  ];
  expect(broken(rush([], { confirmedRows }))).toEqual([`${promise}: c`]);
});

test("a lecture that is amended keeps its own promises: who was let through is never sold out", () => {
  const amended = [
    entry({ userId: "b", key: "b-1", outcome: "confirmed", answeredAtMs: 9 }),
    entry({ userId: "c", outcome: "closed" }),
    entry({ userId: "c", key: "c-2", outcome: "throttled", status: 429 }),
  ];
  const confirmedRows = ["a", "b"].map((userId) => ({ rid: rid(userId), userId }));
  const facts = { students: ["a", "b", "c"], confirmedRows };
  expect(broken(rush(amended, { ...facts, soldOutRows: [] }))).toEqual([]);
  const soldOutRows = [{ rid: rid("c"), userId: "c" }];
  expect(broken(rush(amended, { ...facts, soldOutRows }))).toEqual([
    "nobody who was let through was told sold_out (T3): c",
  ]);
  const notReady = entry({ userId: "c", key: "c-3", outcome: "not_ready", status: 503 });
  expect(broken(rush([...amended, notReady], { ...facts, soldOutRows: [] }))).toEqual([
    "no request failed, and none was told not_ready: c",
  ]);
});
