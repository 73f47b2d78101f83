import { expect, test } from "bun:test";
import fc from "fast-check";
import type { AmendCommand } from "../contract/command.ts";
import { bookingWindow, type Change, type Terms } from "../contract/terms.ts";
import {
  type Fence,
  isTighter,
  type LectureStock,
  ruleOnAmendment,
  stricter,
} from "./amend-rules.ts";

const HOUR_MS = 3_600_000;

function termsOf(more: Partial<Terms> = {}): Terms {
  return {
    version: 3,
    published: true,
    cancelled: false,
    opensAtMs: HOUR_MS,
    closesAtMs: 2 * HOUR_MS,
    startsAtMs: 3 * HOUR_MS,
    endsAtMs: 4 * HOUR_MS,
    cancelUntilMs: null,
    capacity: 50,
    audience: [],
    ...more,
  };
}

function stockOf({
  confirmed = 0,
  capacity = 50,
  ...terms
}: Partial<Terms> & { confirmed?: number } = {}): LectureStock {
  return { terms: termsOf({ capacity, ...terms }), capacity, remaining: capacity - confirmed };
}

function amend(change: Change, more: Partial<AmendCommand> = {}): AmendCommand {
  const rid = `7-${"0".repeat(32)}`;
  const asked = { ifVersion: null, strict: false, words: false, change };
  return { kind: "amend", rid, lectureId: "7", userId: "o1", requestedAtMs: 1, ...asked, ...more };
}

const taken = (count: number | undefined): Fence => ({ version: 3, taken: count });

test("a lecture is created with its terms as version 1, and only once", () => {
  const { version: _, cancelled: __, ...asked } = termsOf();
  const created = ruleOnAmendment(undefined, amend({ create: true, ...asked }), undefined);
  expect(created).toEqual({
    outcome: "applied",
    before: null,
    after: { terms: termsOf({ version: 1 }), capacity: 50, remaining: 50 },
    cancelsSeats: false,
  });
  expect(ruleOnAmendment(stockOf(), amend({ create: true, ...asked }), undefined)).toMatchObject({
    outcome: "refused",
    reason: "invalid",
  });
  expect(ruleOnAmendment(undefined, amend({ create: true, capacity: 5 }), undefined)).toMatchObject(
    {
      reason: "invalid",
    },
  );
});

test("more seats need no fence, and are free at once", () => {
  expect(
    ruleOnAmendment(stockOf({ confirmed: 40 }), amend({ capacity: 60 }), undefined),
  ).toMatchObject({
    outcome: "applied",
    after: { capacity: 60, remaining: 20, terms: { capacity: 60, version: 4 } },
  });
});

test("fewer seats need a fence, and go down to what is confirmed or claimed at it", () => {
  const stock = stockOf({ confirmed: 10 });
  const cut = amend({ capacity: 20 });
  expect(ruleOnAmendment(stock, cut, undefined)).toMatchObject({
    outcome: "fence_needed",
    terms: { version: 3, capacity: 20 },
  });
  const afterOf = (count: number | undefined) => {
    const ruling = ruleOnAmendment(stock, cut, taken(count));
    return ruling.outcome === "applied" ? ruling.after : undefined;
  };
  expect(afterOf(15)).toMatchObject({ capacity: 20, remaining: 10 });
  expect(afterOf(35)).toMatchObject({ capacity: 35, remaining: 25 });
  expect(afterOf(undefined)).toMatchObject({ capacity: 50, remaining: 40 });
  expect(afterOf(0)).toMatchObject({ capacity: 20, remaining: 10 });
});

test("a fence for another version says nothing", () => {
  const ruling = ruleOnAmendment(stockOf(), amend({ capacity: 20 }), { version: 2, taken: 0 });
  expect(ruling.outcome).toBe("fence_needed");
});

test("a strict cut below the seats that are given, or may be, is refused", () => {
  const cut = amend({ capacity: 20 }, { strict: true });
  const rule = (count: number | undefined) => ruleOnAmendment(stockOf(), cut, taken(count));
  expect(rule(20)).toMatchObject({ outcome: "applied", after: { capacity: 20 } });
  expect(rule(21)).toEqual({ outcome: "refused", reason: "seats_given", version: 3 });
  expect(rule(undefined)).toMatchObject({ reason: "seats_given" });
});

test("a cancelled lecture has no seats taken, and is never changed again", () => {
  const cancelled = ruleOnAmendment(
    stockOf({ confirmed: 9 }),
    amend({ cancelled: true }),
    taken(12),
  );
  expect(cancelled).toMatchObject({
    outcome: "applied",
    cancelsSeats: true,
    after: { capacity: 50, remaining: 50, terms: { cancelled: true, version: 4 } },
  });
  const stock = stockOf({ cancelled: true });
  for (const change of [{ capacity: 60 }, { published: true }, { startsAtMs: 5 }])
    expect(ruleOnAmendment(stock, amend(change), undefined)).toMatchObject({ reason: "invalid" });
  expect(ruleOnAmendment(stock, amend({ published: false }), taken(0))).toMatchObject({
    outcome: "applied",
    cancelsSeats: false,
  });
});

test("postponing keeps the seats", () => {
  const later = { startsAtMs: 30 * HOUR_MS, endsAtMs: 31 * HOUR_MS };
  expect(ruleOnAmendment(stockOf({ confirmed: 9 }), amend(later), undefined)).toMatchObject({
    outcome: "applied",
    after: { capacity: 50, remaining: 41 },
  });
});

test("a version that is gone is refused with the present one, without a fence", () => {
  const asked = amend({ capacity: 1 }, { ifVersion: 2 });
  expect(ruleOnAmendment(stockOf(), asked, undefined)).toEqual({
    outcome: "refused",
    reason: "version_conflict",
    version: 3,
  });
});

test("what is not there cannot be changed", () => {
  expect(ruleOnAmendment(undefined, amend({ capacity: 1 }), undefined)).toEqual({
    outcome: "refused",
    reason: "lecture_not_found",
    version: 0,
  });
});

test.each<Change>([
  { opensAtMs: 2 * HOUR_MS },
  { startsAtMs: HOUR_MS },
  { endsAtMs: 3 * HOUR_MS },
  { closesAtMs: 0 },
])("the change %p makes no sense", (change) => {
  expect(ruleOnAmendment(stockOf(), amend(change), undefined)).toMatchObject({ reason: "invalid" });
});

test("an empty change is a sinking step: capacity falls to the taken, without a version", () => {
  const stock = { ...stockOf({ confirmed: 30 }), terms: termsOf({ capacity: 20 }) };
  expect(ruleOnAmendment(stock, amend({}), undefined).outcome).toBe("fence_needed");
  expect(ruleOnAmendment(stock, amend({}), taken(33))).toEqual({
    outcome: "sunk",
    after: { terms: termsOf({ capacity: 20 }), capacity: 33, remaining: 3 },
  });
  expect(ruleOnAmendment(stockOf(), amend({}), undefined)).toEqual({
    outcome: "sunk",
    after: stockOf(),
  });
  expect(ruleOnAmendment(stockOf(), amend({}, { words: true }), undefined)).toMatchObject({
    outcome: "applied",
    after: { terms: { version: 4 } },
  });
});

const anyTerms = fc
  .record({
    published: fc.boolean(),
    cancelled: fc.boolean(),
    opensAtMs: fc.nat(9),
    closesAtMs: fc.nat(9),
    startsAtMs: fc.nat(9),
    capacity: fc.nat(6),
    audience: fc.subarray(["a", "b", "c"]),
  })
  .map((terms) => termsOf({ ...terms, endsAtMs: 10 }));

/** Whether terms let somebody in, who is in this group, while these seats are taken. */
function letsIn(terms: Terms, atMs: number, seats: number, group: string): boolean {
  const { opensAtMs, closesAtMs } = bookingWindow(terms);
  const isEligible = terms.audience.length === 0 || terms.audience.includes(group);
  const isOn = terms.published && !terms.cancelled && isEligible;
  return isOn && atMs >= opensAtMs && atMs < closesAtMs && seats < terms.capacity;
}

test("stricter terms let in exactly who both let in, and are needed where fewer get in", () => {
  const somebody = fc.tuple(fc.nat(9), fc.nat(6), fc.constantFrom("a", "b", "c", "d"));
  fc.assert(
    fc.property(anyTerms, anyTerms, somebody, (before, after, [atMs, seats, group]) => {
      const was = letsIn(before, atMs, seats, group);
      const becomes = letsIn(after, atMs, seats, group);
      expect(letsIn(stricter(before, after), atMs, seats, group)).toBe(was && becomes);
      if (was && !becomes) expect(isTighter(before, after)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

test("whatever is asked, all keep their seats, and the version rises by one", () => {
  const anyChange = fc.record(
    {
      capacity: fc.nat(80),
      closesAtMs: fc.nat(4 * HOUR_MS),
      published: fc.boolean(),
      audience: fc.subarray(["a", "b"]),
    },
    { requiredKeys: [] },
  );
  const seats = fc.record({
    confirmed: fc.nat(50),
    held: fc.nat(20),
    more: fc.nat(20),
    ready: fc.boolean(),
  });
  fc.assert(
    fc.property(
      anyChange,
      seats,
      fc.boolean(),
      (change, { confirmed, held, more, ready }, strict) => {
        const stock = {
          terms: termsOf(),
          capacity: 50 + held + more,
          remaining: 50 + held + more - confirmed,
        };
        const count = confirmed + held;
        const fence = taken(ready ? count : undefined);
        const ruling = ruleOnAmendment(stock, amend(change, { strict }), fence);
        if (ruling.outcome === "fence_needed") throw new Error("a fence stands");
        if (ruling.outcome === "refused") return;
        const { capacity, remaining, terms } = ruling.after;
        expect(capacity - remaining).toBe(confirmed);
        expect(remaining).toBeGreaterThanOrEqual(held);
        expect(capacity).toBeGreaterThanOrEqual(terms.capacity);
        expect(terms.version).toBe(ruling.outcome === "applied" ? 4 : 3);
        if (strict && change.capacity !== undefined) expect(capacity).toBe(change.capacity);
      },
    ),
    { numRuns: 3_000 },
  );
});
