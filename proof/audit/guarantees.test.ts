import { expect, test } from "bun:test";
import type { LectureFacts, ReservationRow } from "./facts.ts";
import { type GuaranteeName, guarantees } from "./guarantees.ts";

/**
 * Breaches that the tables' keys and the claim script rule out, so no test can plant them in the
 * servers.
 */

const lectureId = "7";
const rid = (last: string) => `7-${last.padStart(32, "0")}`;
const row = (change: Partial<ReservationRow>): ReservationRow => ({
  rid: rid("1"),
  userId: "u1",
  status: "confirmed",
  reason: null,
  claimedAtMs: 1_000,
  decidedAtMs: 2_000,
  ...change,
});

const TERMS = {
  version: 1,
  published: true,
  cancelled: false,
  opensAtMs: 0,
  closesAtMs: 10_000,
  startsAtMs: 10_000,
  endsAtMs: 20_000,
  cancelUntilMs: null,
  capacity: 10,
  audience: [],
};

function factsOf(rows: ReservationRow[], change: Partial<LectureFacts> = {}): LectureFacts {
  const remaining = 10 - rows.filter(({ status }) => status === "confirmed").length;
  return {
    lectureId,
    readAtMs: 5_000,
    admitting: false,
    database: {
      catalogue: {
        title: "A lecture",
        opensAtMs: 0,
        closesAtMs: 10_000,
        capacity: 10,
        published: true,
        version: 1,
        terms: TERMS,
      },
      stock: {
        capacity: 10,
        target: 10,
        remaining,
        version: 1,
        opensAtMs: 0,
        closesAtMs: 10_000,
        terms: TERMS,
      },
      rows,
    },
    admission: { claims: new Map(), held: new Map(), released: new Map(), wrongKeys: [] },
    pending: [],
    ...change,
  };
}

function faults(name: GuaranteeName, facts: LectureFacts): string[] {
  const limits = { undecidedMs: 60_000, pendingMs: 30_000 };
  return [...guarantees[name].breaches(facts, limits)].map(
    (breach) => `${breach.rid ?? "-"} ${breach.what}`,
  );
}

test("a user with two confirmed rows breaks G2, the second is named", () => {
  const rows = [row({}), row({ rid: rid("2") }), row({ rid: rid("3"), userId: "u2" })];
  expect(faults("G2", factsOf(rows))).toEqual([
    `${rid("2")} confirmed a second time, after ${rid("1")}`,
  ]);
  expect(faults("G2", factsOf([row({}), row({ rid: rid("2"), status: "cancelled" })]))).toEqual([]);
});

test("a rid with two rows breaks G3", () => {
  const rows = [row({}), row({ status: "rejected", reason: "sold_out" })];
  expect(faults("G3", factsOf(rows))).toEqual([`${rid("1")} decided by more than one row`]);
});

test("who was confirmed in Redis and rejected in MySQL breaks G3", () => {
  const facts = factsOf([row({ status: "rejected", reason: "sold_out" })]);
  facts.admission.claims.set("u1", { rid: rid("1"), state: "confirmed", claimedAtMs: 1_000 });
  expect(faults("G3", facts)).toEqual([`${rid("1")} rejected in MySQL, confirmed in Redis`]);
});

test("seats confirmed for a lecture that has no stock break G1, and G5 when it is in no catalogue", () => {
  const facts = factsOf([], { database: { rows: [row({})] } });
  expect(faults("G1", facts)).toEqual([`${rid("1")} confirmed for a lecture without stock`]);
  expect(faults("G5", facts)).toEqual([`${rid("1")} confirmed for a lecture that does not exist`]);
});

test("a rejected row of a lecture that does not exist is as it should be", () => {
  const rows = [row({ status: "rejected", reason: "lecture_not_found" })];
  const facts = factsOf([], { database: { rows } });
  for (const name of Object.keys(guarantees) as GuaranteeName[])
    expect(faults(name, facts)).toEqual([]);
});

test("a cancel command that was not carried out in time breaks G6", () => {
  const command = {
    kind: "cancel",
    rid: rid("1"),
    lectureId,
    userId: "u1",
    requestedAtMs: 1,
  } as const;
  const pending = [{ path: "/p", createdAtMs: -100_000, command }];
  expect(faults("G6", factsOf([row({})], { pending }))).toEqual([
    `${rid("1")} the cancel command is undecided after 105.0 s`,
  ]);
  expect(faults("G6", factsOf([row({ status: "cancelled" })], { pending }))).toEqual([]);
});

test("a claim that cannot be read breaks G5", () => {
  const facts = factsOf([]);
  facts.admission.claims.set("u1", { unreadable: "x" });
  expect(faults("G5", facts)).toEqual(["- a claim that no request has written: x"]);
});

test("what Redis admits to and MySQL does not know breaks G7", () => {
  const facts = factsOf([], { database: { rows: [] } });
  facts.admission.loaded = { ready: true, opensAtMs: 0, closesAtMs: 10_000, capacity: 10 };
  expect(faults("G7", facts)).toEqual(["- Redis admits to it, and MySQL has no stock of it"]);
});
