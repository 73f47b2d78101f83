import { expect, test } from "bun:test";
import { ridOf } from "../../../contract/ids.ts";
import type { ReservationRow } from "../../audit/facts.ts";
import type { Entry } from "../../kit/journal.ts";
import { type ChaosFacts, judgeChaos } from "./judge.ts";

const rid = ridOf("7", "anna", "k");
let clockMs = 0;

function entry(change: Partial<Entry>): Entry {
  clockMs += 10;
  return {
    userId: "anna",
    key: "k",
    kind: "press",
    sentAtMs: clockMs,
    answeredAtMs: clockMs + 5,
    status: 200,
    outcome: "pending",
    rid,
    ...change,
  };
}

function row(
  status: ReservationRow["status"],
  change: Partial<ReservationRow> = {},
): ReservationRow {
  return { rid, userId: "anna", status, reason: null, claimedAtMs: 1, decidedAtMs: 2, ...change };
}

const judge = (entries: Entry[], rows: ReservationRow[], change: Partial<ChaosFacts> = {}) =>
  judgeChaos({
    lectureId: "7",
    entries,
    rows,
    knownElsewhere: new Set(),
    redisLostData: false,
    edgeBroken: false,
    ...change,
  });

const pending = () => entry({ status: 202 });
const confirmed = () => entry({ outcome: "confirmed", status: 201 });
const cancelled = () => entry({ kind: "cancel", outcome: "cancelled" });
const nothing = (change: Partial<Entry>) => {
  const { rid: _, ...rest } = entry(change);
  return rest;
};
const soldOut = () => nothing({ outcome: "sold_out", status: 409 });

test("pending, then confirmed, as it is written: nothing is broken", async () => {
  expect(await judge([pending(), confirmed()], [row("confirmed")])).toMatchObject({
    attempted: 1,
    acknowledged: 1,
    confirmed: 1,
    recovered: 0,
    breaches: [],
  });
});

test("a confirmed seat that was given back is nothing broken", async () => {
  expect((await judge([confirmed(), cancelled()], [row("cancelled")])).breaches).toEqual([]);
});

test("what failed on the way and was decided all the same is recovered", async () => {
  const failed = nothing({ outcome: "unavailable", status: 503 });
  expect(await judge([failed, confirmed()], [row("confirmed")])).toMatchObject({
    recovered: 1,
    breaches: [],
  });
});

test.each<[string, Entry[], ReservationRow[]]>([
  ["confirmed without a row", [confirmed()], []],
  ["confirmed, and rejected in MySQL", [confirmed()], [row("rejected")]],
  ["cancelled by nobody", [confirmed()], [row("cancelled")]],
  ["told cancelled, and confirmed in MySQL", [confirmed(), cancelled()], [row("confirmed")]],
  ["told cancelled, then confirmed", [confirmed(), cancelled(), confirmed()], [row("cancelled")]],
  [
    "told confirmed and rejected",
    [confirmed(), entry({ outcome: "sold_out", status: 409 })],
    [row("confirmed")],
  ],
  ["never settled", [pending()], [row("confirmed")]],
  ["accepted and without a decision", [pending(), soldOut()], []],
  [
    "another rid for the same key",
    [confirmed(), entry({ rid: `7-${"0".repeat(32)}` })],
    [row("confirmed")],
  ],
  [
    "two seats of a user",
    [confirmed()],
    [row("confirmed"), row("confirmed", { rid: `7-${"1".repeat(32)}` })],
  ],
  [
    "a row nobody asked for",
    [confirmed()],
    [row("confirmed"), row("rejected", { rid: "7-x", userId: "bob" })],
  ],
  [
    "an internal error",
    [nothing({ outcome: "internal", status: 500 }), confirmed()],
    [row("confirmed")],
  ],
  [
    "cut off by a healthy edge",
    [nothing({ outcome: "no_answer", status: 0 }), confirmed()],
    [row("confirmed")],
  ],
])("%s is a breach", async (_, entries, rows) => {
  expect((await judge(entries, rows)).breaches).not.toEqual([]);
});

test("a client may be cut off while the edge itself is broken", async () => {
  const cut = nothing({ outcome: "no_answer", status: 0 });
  expect(
    (await judge([cut, confirmed()], [row("confirmed")], { edgeBroken: true })).breaches,
  ).toEqual([]);
});

test("only a Redis that lost its data may forget, only what was never decided and nobody else knows, and only once settled", async () => {
  const lossy = { redisLostData: true };
  expect(await judge([pending(), soldOut()], [], lossy)).toMatchObject({
    forgotten: 1,
    lost: 0,
    breaches: [],
  });
  expect(await judge([pending(), soldOut()], [])).toMatchObject({ forgotten: 0, lost: 1 });
  expect(await judge([pending()], [], lossy)).toMatchObject({ forgotten: 0, lost: 1 });
  expect(await judge([confirmed()], [], lossy)).toMatchObject({ forgotten: 0, lost: 1 });
  const elsewhere = { ...lossy, knownElsewhere: new Set([rid]) };
  expect(await judge([pending(), soldOut()], [], elsewhere)).toMatchObject({
    forgotten: 0,
    lost: 1,
  });
});
