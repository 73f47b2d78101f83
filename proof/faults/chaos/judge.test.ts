import { expect, test } from "bun:test";
import { ridOf } from "../../../contract/ids.ts";
import type { ReservationRow } from "../../audit/facts.ts";
import type { Entry } from "../../kit/journal.ts";
import { type ChaosFacts, judgeChaos } from "./judge.ts";

const rid = ridOf("7", "anna", "k");
let clockMs = 0;

const STATUS = {
  pending: 202,
  confirmed: 201,
  cancelled: 200,
  sold_out: 409,
  unavailable: 503,
  internal: 500,
  no_answer: 0,
};

/** An answer that names no reservation. */
function nothing(outcome: keyof typeof STATUS): Entry {
  clockMs += 10;
  const times = { sentAtMs: clockMs, answeredAtMs: clockMs + 5 };
  return { userId: "anna", key: "k", kind: "press", ...times, status: STATUS[outcome], outcome };
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

const entry = (outcome: keyof typeof STATUS): Entry => ({ ...nothing(outcome), rid });
const pending = () => entry("pending");
const confirmed = () => entry("confirmed");
const cancelled = (): Entry => ({ ...entry("cancelled"), kind: "cancel" });
const soldOut = () => nothing("sold_out");

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
  const failed = nothing("unavailable");
  const judged = await judge([failed, confirmed()], [row("confirmed")]);
  expect(judged).toMatchObject({ recovered: 1, breaches: [] });
});

test.each<[string, Entry[], ReservationRow[]]>([
  ["confirmed without a row", [confirmed()], []],
  ["confirmed, and rejected in MySQL", [confirmed()], [row("rejected")]],
  ["cancelled by nobody", [confirmed()], [row("cancelled")]],
  ["told cancelled, and confirmed in MySQL", [confirmed(), cancelled()], [row("confirmed")]],
  ["told cancelled, then confirmed", [confirmed(), cancelled(), confirmed()], [row("cancelled")]],
  ["told confirmed and rejected", [confirmed(), entry("sold_out")], [row("confirmed")]],
  ["never settled", [pending()], [row("confirmed")]],
  ["accepted and without a decision", [pending(), soldOut()], []],
  [
    "another rid for the same key",
    [confirmed(), { ...pending(), rid: `7-${"0".repeat(32)}` }],
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
  ["an internal error", [nothing("internal"), confirmed()], [row("confirmed")]],
  ["cut off by a healthy edge", [nothing("no_answer"), confirmed()], [row("confirmed")]],
])("%s is a breach", async (_, entries, rows) => {
  expect((await judge(entries, rows)).breaches).not.toEqual([]);
});

test("a client may be cut off while the edge itself is broken", async () => {
  const answers = [nothing("no_answer"), confirmed()];
  const { breaches } = await judge(answers, [row("confirmed")], { edgeBroken: true });
  expect(breaches).toEqual([]);
});

test("only a Redis that lost its data may forget, only what was never decided and nobody else knows, and only once settled", async () => {
  const lossy = { redisLostData: true };
  const forgotten = { forgotten: 1, lost: 0, breaches: [] };
  expect(await judge([pending(), soldOut()], [], lossy)).toMatchObject(forgotten);
  expect(await judge([pending(), soldOut()], [])).toMatchObject({ forgotten: 0, lost: 1 });
  expect(await judge([pending()], [], lossy)).toMatchObject({ forgotten: 0, lost: 1 });
  expect(await judge([confirmed()], [], lossy)).toMatchObject({ forgotten: 0, lost: 1 });
  const elsewhere = { ...lossy, knownElsewhere: new Set([rid]) };
  const known = await judge([pending(), soldOut()], [], elsewhere);
  expect(known).toMatchObject({ forgotten: 0, lost: 1 });
});
