import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { SeatCommand } from "../contract/command.ts";
import { activeKey, decideCommands, decisionsToSettle, type Ledger } from "./rules.ts";

const LECTURE = "7";
const NOW_MS = 1_000;

function ridOf(name: string): string {
  return `${LECTURE}-${Bun.hash(name).toString(16).padStart(32, "0")}`;
}

function reserve(userId: string, name = userId): SeatCommand {
  return { kind: "reserve", rid: ridOf(name), lectureId: LECTURE, userId, claimedAtMs: 1 };
}

function refused(userId: string, name = userId): SeatCommand {
  return { ...reserve(userId, name), refused: "overlaps" } as SeatCommand;
}

function cancel(userId: string, name = userId): SeatCommand {
  return { kind: "cancel", rid: ridOf(name), lectureId: LECTURE, userId, requestedAtMs: 2 };
}

function ledgerOf(remaining: number, cancelled = false): Ledger {
  return {
    stock: new Map([[LECTURE, { remaining, cancelled, sinking: 0 }]]),
    decisions: new Map(),
    active: new Map(),
  };
}

function statusOf(ledger: Ledger, name: string) {
  const decision = ledger.decisions.get(ridOf(name));
  return decision?.reason ?? decision?.status;
}

test("seats are confirmed in order until none is left", () => {
  const ledger = ledgerOf(2);
  const changes = decideCommands(ledger, [reserve("a"), reserve("b"), reserve("c")], NOW_MS);
  expect(["a", "b", "c"].map((name) => statusOf(ledger, name))).toEqual([
    "confirmed",
    "confirmed",
    "sold_out",
  ]);
  expect(changes.seatsTaken.get(LECTURE)).toBe(2);
  expect(changes.decided.size).toBe(3);
});

test("a user's second rid is rejected, and the seat of the first is settled with it", () => {
  const ledger = ledgerOf(5);
  decideCommands(ledger, [reserve("a", "first")], NOW_MS);
  decideCommands(ledger, [reserve("a", "second")], NOW_MS);
  expect(statusOf(ledger, "second")).toBe("already_reserved");
  const settled = decisionsToSettle(ledger, [reserve("a", "second")]).map(({ rid }) => rid);
  expect(settled).toEqual([ridOf("second"), ridOf("first")]);
});

test("a refused command is rejected though a seat is free, and takes none", () => {
  const ledger = ledgerOf(1);
  const changes = decideCommands(ledger, [refused("a"), reserve("b")], NOW_MS);
  expect(["a", "b"].map((name) => statusOf(ledger, name))).toEqual(["overlaps", "confirmed"]);
  expect(changes.seatsTaken.get(LECTURE)).toBe(1);
  expect(decisionsToSettle(ledger, [refused("a")])).toMatchObject([{ status: "rejected" }]);
});

test("the first of a rid's commands decides it, whether it was refused or not", () => {
  const [first, second] = [ledgerOf(2), ledgerOf(2)];
  decideCommands(first, [refused("a"), reserve("a")], NOW_MS);
  decideCommands(second, [reserve("a"), refused("a")], NOW_MS);
  expect([statusOf(first, "a"), statusOf(second, "a")]).toEqual(["overlaps", "confirmed"]);
});

test("a refused command is rejected for a cancelled lecture or the user's own seat", () => {
  const [cancelled, taken] = [ledgerOf(2, true), ledgerOf(2)];
  decideCommands(cancelled, [refused("a")], NOW_MS);
  decideCommands(taken, [reserve("a", "first"), refused("a", "second")], NOW_MS);
  expect([statusOf(cancelled, "a"), statusOf(taken, "second")]).toEqual([
    "lecture_cancelled",
    "already_reserved",
  ]);
});

test("a command that comes again changes nothing", () => {
  const ledger = ledgerOf(5);
  decideCommands(ledger, [reserve("a")], NOW_MS);
  const again = decideCommands(ledger, [reserve("a"), reserve("a")], NOW_MS + 9);
  expect(again.decided.size + again.cancelled.size + again.seatsTaken.size).toBe(0);
  expect(ledger.decisions.get(ridOf("a"))?.decidedAtMs).toBe(NOW_MS);
});

test("a cancel frees one seat however often it comes, and the next in line gets it", () => {
  const ledger = ledgerOf(1);
  decideCommands(ledger, [reserve("a")], NOW_MS);
  const changes = decideCommands(
    ledger,
    [cancel("a"), cancel("a"), reserve("b"), reserve("c")],
    NOW_MS,
  );
  expect(["a", "b", "c"].map((name) => statusOf(ledger, name))).toEqual([
    "cancelled",
    "confirmed",
    "sold_out",
  ]);
  expect(changes.seatsTaken.get(LECTURE)).toBe(0);
});

test("after a cancel the same user can book again under a new rid", () => {
  const ledger = ledgerOf(1);
  decideCommands(
    ledger,
    [reserve("a", "first"), cancel("a", "first"), reserve("a", "second")],
    NOW_MS,
  );
  expect(statusOf(ledger, "second")).toBe("confirmed");
  expect(ledger.active.get(activeKey(LECTURE, "a"))?.rid).toBe(ridOf("second"));
});

test("a cancel before its reserve command decides the rid; the late command takes no seat", () => {
  const ledger = ledgerOf(1);
  const changes = decideCommands(ledger, [cancel("a"), reserve("a")], NOW_MS);
  expect(statusOf(ledger, "a")).toBe("cancelled");
  expect(changes.seatsTaken.size).toBe(0);
});

test("a cancel by another user changes nothing", () => {
  const ledger = ledgerOf(1);
  decideCommands(ledger, [reserve("a", "seat"), cancel("b", "seat")], NOW_MS);
  expect(statusOf(ledger, "seat")).toBe("confirmed");
});

test("a rejected rid cannot be cancelled into a free seat", () => {
  const ledger = ledgerOf(0);
  const changes = decideCommands(ledger, [reserve("a"), cancel("a")], NOW_MS);
  expect(statusOf(ledger, "a")).toBe("sold_out");
  expect(changes.seatsTaken.size).toBe(0);
});

test("a lecture that is unknown or cancelled rejects, and says which", () => {
  const unknown: Ledger = { stock: new Map(), decisions: new Map(), active: new Map() };
  decideCommands(unknown, [reserve("a")], NOW_MS);
  expect(statusOf(unknown, "a")).toBe("lecture_not_found");
  const calledOff = ledgerOf(5, true);
  decideCommands(calledOff, [reserve("a")], NOW_MS);
  expect(statusOf(calledOff, "a")).toBe("lecture_cancelled");
});

test("whatever commands come in whatever order, seats are conserved and nobody holds two", () => {
  const anyCommand = fc
    .record({
      user: fc.constantFrom("a", "b", "c"),
      name: fc.constantFrom("1", "2", "3"),
      give: fc.boolean(),
    })
    .map(({ user, name, give }) => (give ? cancel(user, user + name) : reserve(user, user + name)));
  fc.assert(
    fc.property(fc.array(fc.array(anyCommand)), fc.nat(3), (batches, capacity) => {
      const ledger = ledgerOf(capacity);
      let taken = 0;
      for (const batch of batches)
        taken += decideCommands(ledger, batch, NOW_MS).seatsTaken.get(LECTURE) ?? 0;
      const confirmed = [...ledger.decisions.values()].filter(
        ({ status }) => status === "confirmed",
      );
      const remaining = ledger.stock.get(LECTURE)?.remaining ?? -1;
      expect(remaining).toBeGreaterThanOrEqual(0);
      expect(confirmed).toHaveLength(capacity - remaining);
      expect(taken).toBe(confirmed.length);
      expect(new Set(confirmed.map(({ userId }) => userId)).size).toBe(confirmed.length);
      expect(ledger.active.size).toBe(confirmed.length);
    }),
    { numRuns: 2_000 },
  );
});
