import { expect, test } from "bun:test";
import { breaksBrokerRest } from "./at-rest.ts";
import type { BrokerFacts } from "./facts.ts";

const rid = `7-${"a".repeat(32)}`;
const letter = { rid, lectureId: "7", userId: "u1" };

function faults(facts: Partial<BrokerFacts>): string[] {
  return [...breaksBrokerRest({ queues: [], dead: [], deadUnread: 0, ...facts })].map(
    ({ what }) => what,
  );
}

test("empty queues and dead letters that were decided or are no commands are at rest", () => {
  const queues = [{ name: "lectern.commands.0", ready: 0 }];
  const dead = [{ ...letter, decided: true }, { unreadable: "{" }];
  expect(faults({ queues, dead })).toEqual([]);
});

test("a command that waits in a queue is not at rest", () => {
  expect(faults({ queues: [{ name: "lectern.commands.3", ready: 2 }] })).toEqual([
    "2 commands wait in lectern.commands.3",
  ]);
});

test("a dead letter without a decision, and those too many to read, are breaches", () => {
  expect(faults({ dead: [{ ...letter, decided: false }], deadUnread: 5 })).toEqual([
    "the dead letter was never decided",
    "5 more dead letters than the audit reads",
  ]);
});
