import { expect, test } from "bun:test";
import type { Terms } from "../../contract/terms.ts";
import type { AmendmentFact, LectureFacts, ReservationRow } from "./facts.ts";
import { type GuaranteeName, guarantees } from "./guarantees.ts";

/**
 * Breaches that the tables' keys and the claim script rule out, so no test can plant them in the
 * servers.
 */

const lectureId = "7";
const rid = (last: string) => `7-${last.padStart(32, "0")}`;
const terms: Terms = {
  version: 1,
  published: true,
  cancelled: false,
  opensAtMs: 0,
  closesAtMs: 10_000,
  startsAtMs: 20_000,
  endsAtMs: 30_000,
  cancelUntilMs: null,
  capacity: 10,
  audience: [],
};
const loaded = {
  ready: true,
  opensAtMs: 0,
  closesAtMs: 10_000,
  capacity: 10,
  version: 1,
  cancelled: "0",
  audience: "",
  fence: null,
};

/** An applied amendment from one version to the next, as its row tells it. */
function applied(before: Terms, change: Partial<Terms>): AmendmentFact {
  const after = { ...before, ...change, version: before.version + 1 };
  const { version } = after;
  return { rid: rid(`${version}`), outcome: "applied", reason: null, version, before, after };
}

const row = (change: Partial<ReservationRow>): ReservationRow => ({
  rid: rid("1"),
  userId: "u1",
  status: "confirmed",
  reason: null,
  claimedAtMs: 1_000,
  decidedAtMs: 2_000,
  ...change,
});

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
      },
      stock: {
        capacity: 10,
        target: 10,
        remaining,
        version: 1,
        opensAtMs: 0,
        closesAtMs: 10_000,
        terms,
      },
      amendments: [],
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
  const facts = factsOf([], { database: { amendments: [], rows: [row({})] } });
  expect(faults("G1", facts)).toEqual([`${rid("1")} confirmed for a lecture without stock`]);
  expect(faults("G5", facts)).toEqual([`${rid("1")} confirmed for a lecture that does not exist`]);
});

test("a rejected row of a lecture that does not exist is as it should be", () => {
  const rows = [row({ status: "rejected", reason: "lecture_not_found" })];
  const facts = factsOf([], { database: { amendments: [], rows } });
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
  const facts = factsOf([], { database: { amendments: [], rows: [] } });
  facts.admission.loaded = loaded;
  expect(faults("G7", facts)).toEqual(["- Redis admits to it, and MySQL has no stock of it"]);
});

/** Facts of a lecture that was amended; Redis has its last version. */
function amendedFacts(amendments: AmendmentFact[], rows: ReservationRow[] = []): LectureFacts {
  const facts = factsOf(rows);
  const last = amendments.at(-1)?.after ?? terms;
  const { version, capacity } = last;
  const stock = facts.database.stock;
  if (stock) Object.assign(stock, { version, capacity, target: capacity, terms: last });
  facts.database.amendments = amendments;
  facts.admission.loaded = { ...loaded, version, capacity };
  return facts;
}

test("amendments that follow one another, with Redis at the last, are as they should be", () => {
  const first = applied(terms, { capacity: 12 });
  const second = applied({ ...terms, capacity: 12, version: 2 }, { capacity: 11 });
  const refused: AmendmentFact = {
    ...first,
    rid: rid("9"),
    outcome: "refused",
    reason: "seats_given",
    before: null,
    after: null,
  };
  for (const name of ["T1", "T2", "G5"] as const)
    expect(faults(name, amendedFacts([second, refused, first].toReversed()))).toEqual([]);
});

test("a version without an amendment, or with other terms than the one before, breaks T1", () => {
  const first = applied(terms, { capacity: 12 });
  const third = applied({ ...terms, capacity: 12, version: 3 }, { capacity: 11 });
  expect(faults("T1", amendedFacts([first, third]))).toEqual([
    `${third.rid} version 4 follows 2`,
    `${third.rid} version 4 begins with other terms than 3 has`,
  ]);
  const facts = amendedFacts([first]);
  if (facts.database.stock) facts.database.stock.version = 3;
  expect(faults("T1", facts)).toEqual(["- the stock has version 3, its amendments lead to 2"]);
});

test("a fence at rest, an older version and other terms in Redis break T1", () => {
  const facts = amendedFacts([applied(terms, { audience: ["cs"] })]);
  expect(faults("T1", facts)).toEqual([
    '- Redis has cancelled 0 and audience "", MySQL 0 and ",cs,"',
  ]);
  facts.admission.loaded = { ...loaded, version: 1, audience: ",cs,", fence: ",7-1," };
  expect(faults("T1", facts)).toEqual([
    "- a fence stands at rest: ,7-1,",
    "- Redis has version 1, MySQL 2",
  ]);
});

test("seats that count below the target, or above what is given, break T2", () => {
  const facts = amendedFacts([applied(terms, { capacity: 3 })], [row({})]);
  const { stock } = facts.database;
  if (!stock) throw new Error("no stock");
  stock.capacity = 2;
  expect(faults("T2", facts)).toEqual(["- 2 seats count, 3 were asked for"]);
  stock.capacity = 5;
  expect(faults("T2", facts)).toEqual(["- 5 seats count, 3 were asked for and 3 are given"]);
  facts.admission.held.set("u9", 1);
  expect(faults("T2", facts)).toEqual([]);
});

test("a claim in a window that was in force is as it should be, also when the window has moved", () => {
  const moved = applied(terms, { opensAtMs: 5_000, closesAtMs: 9_000 });
  const facts = amendedFacts([moved], [row({ claimedAtMs: 1_000 })]);
  facts.admission.loaded = { ...loaded, version: 2, opensAtMs: 5_000, closesAtMs: 9_000 };
  expect(faults("G5", facts)).toEqual([]);
  facts.database.rows.push(row({ rid: rid("2"), claimedAtMs: 10_001 }));
  expect(faults("G5", facts)).toEqual([
    `${rid("2")} claimed 1970-01-01T00:00:10.001Z, outside the window`,
  ]);
});
