import { afterAll, beforeAll, expect, test } from "bun:test";
import type { AmendCommand, ReserveCommand } from "../contract/command.ts";
import { amendmentRidOf } from "../contract/ids.ts";
import { removePendingNodes } from "../pending/remove.ts";
import { insertDecision } from "../test/rooms/decision.ts";
import { newCommand, openTestOrigin, type TestOrigin } from "../test/rooms/origin.ts";

let origin: TestOrigin;
beforeAll(async () => {
  origin = await openTestOrigin();
});
afterAll(() => origin.close());

/**
 * Does this once, after a wait has seen its node go and before it reads the decision: as where the
 * same request comes twice at once, and its second command is queued after the decision of the
 * first. Resolves when the wait begins.
 */
function afterNextWait(act: () => Promise<unknown>): Promise<void> {
  const { watches } = origin.deps;
  const begun = Promise.withResolvers<void>();
  origin.deps.watches = {
    ...watches,
    async untilGone(...args) {
      origin.deps.watches = watches;
      begun.resolve();
      const outcome = await watches.untilGone(...args);
      await act();
      return outcome;
    },
  };
  return begun.promise;
}

test.each<[who: string, wait: (command: ReserveCommand) => Promise<{ body: object }>]>([
  ["who waits for a seat", (command) => origin.order(command, { waitMs: 15_000 })],
  [
    "who asks for a seat that is under way, and waits,",
    async (command) => {
      await origin.order(command);
      return origin.ask(`/reservations/${command.rid}?user=u1&waitMs=15000`);
    },
  ],
])(
  "%s hears the decision, though the same request made its node anew meanwhile",
  async (_who, wait) => {
    const command = await newCommand();
    const waits = afterNextWait(async () => {
      await origin.deps.createPendingNode(command);
      setTimeout(() => void removePendingNodes(origin.zooKeeper, [command]), 200);
    });
    const waiting = wait(command);
    await waits;
    await insertDecision(origin.deps.database, command, "confirmed");
    await removePendingNodes(origin.zooKeeper, [command]);
    const { body } = await waiting;
    expect("reservation" in body ? body.reservation : body).toMatchObject({ status: "confirmed" });
  },
);

test("a node that comes again and stays ends a wait no later than it was asked for", async () => {
  const command = await newCommand();
  const waits = afterNextWait(() => origin.deps.createPendingNode(command));
  const waiting = origin.order(command, { waitMs: 500 });
  await waits;
  await removePendingNodes(origin.zooKeeper, [command]);
  expect((await waiting).body).toMatchObject({ reservation: { status: "pending" } });
  await removePendingNodes(origin.zooKeeper, [command]);
});

test("a wait for an amendment ends with its decision though its node came again", async () => {
  const { lectureId } = await newCommand();
  const rid = amendmentRidOf(lectureId, "o1", "key");
  const change = { capacity: 5 };
  const command: AmendCommand = {
    kind: "amend",
    ...{ rid, lectureId, userId: "o1", requestedAtMs: Date.now(), change },
    ...{ ifVersion: null, strict: false, words: false },
  };
  const waits = afterNextWait(() => origin.deps.createPendingNode(command));
  const waiting = origin.order(command, { waitMs: 15_000 });
  await waits;
  await origin.deps.database.withConnection((connection) =>
    connection.query(
      "INSERT INTO amendment (lecture_id, rid, outcome, version, change_asked, by_user, " +
        "requested_at, decided_at) VALUES (?, ?, 'applied', 2, ?, 'o1', NOW(3), NOW(3))",
      [lectureId, rid, JSON.stringify(change)],
    ),
  );
  await removePendingNodes(origin.zooKeeper, [command]);
  expect((await waiting).body).toMatchObject({ amendment: { status: "applied", version: 2 } });
  await removePendingNodes(origin.zooKeeper, [command]);
});
