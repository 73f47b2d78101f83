import { afterAll, expect, test } from "bun:test";
import type { CancelCommand, ReserveCommand } from "../contract/command.ts";
import { pendingPaths } from "../contract/names.ts";
import type { DecisionStatus } from "../contract/reservation.ts";
import { createPendingNodes } from "../pending/create.ts";
import { removePendingNodes } from "../pending/remove.ts";
import { ZooKeeperError } from "../pending/zookeeper-error.ts";
import { insertDecision } from "../test/rooms/decision.ts";
import { newCommand, openTestOrigin } from "../test/rooms/origin.ts";
import { connectedSession } from "../test/rooms/zookeeper-session.ts";
import { addressOf, eventually, openTestDatabase } from "../test/servers.ts";
import { deadlineIn } from "./deadline.ts";
import { enqueue } from "./enqueue.ts";

// ZooKeeper may take any time here: only the deadline of a request ends a wait.
const origin = await openTestOrigin({ zooKeeperTimeoutMs: 20_000 });
const database = openTestDatabase();
/** The worker's connection, which nothing slows down. */
const zooKeeper = await connectedSession(addressOf("ZOOKEEPER_URL"));
afterAll(async () => {
  await origin.close();
  await zooKeeper.close();
  await database.close();
});

/** Does a worker's part for a command: writes the decision, then removes the node. */
async function decide(
  command: ReserveCommand | CancelCommand,
  status: DecisionStatus,
): Promise<void> {
  await insertDecision(database, command, status);
  await removePendingNodes(zooKeeper, [command]);
}

const nodeOf = ({ rid, kind }: ReserveCommand | CancelCommand) => pendingPaths.node(rid, kind);
const statusOf = async ({ rid, userId }: ReserveCommand) =>
  (await origin.ask(`/reservations/${rid}?user=${userId}`)).body["status"];

/**
 * Queues a command while ZooKeeper hears nothing: the message is sent, and the node is still to
 * come.
 */
async function queueAheadOfNode(command: ReserveCommand | CancelCommand): Promise<void> {
  origin.wires.zooKeeper.stall();
  await enqueue(origin.deps, command, deadlineIn(50));
}

test("a node created after its decision is removed, and the decision is read", async () => {
  const command = await newCommand();
  await queueAheadOfNode(command);
  await decide(command, "confirmed");
  origin.wires.zooKeeper.mend();
  await eventually("the late node was removed", async () =>
    origin.logged.some(
      ({ event, rids }) => event === "late_nodes_removed" && String(rids) === command.rid,
    ),
  );
  expect(await zooKeeper.exists(nodeOf(command))).toBe(false);
  expect(await statusOf(command)).toBe("confirmed");
});

test("a late node without a decision stays until the decision removes it", async () => {
  const [undecided, decided] = [await newCommand(), await newCommand()];
  await queueAheadOfNode(undecided);
  await queueAheadOfNode(decided);
  await decide(decided, "confirmed");
  origin.wires.zooKeeper.mend();
  // Nodes are looked at in the order they came, so the first one was looked at as well.
  await eventually("the late node was removed", async () =>
    origin.logged.some(
      ({ event, rids }) => event === "late_nodes_removed" && String(rids) === decided.rid,
    ),
  );
  expect(await zooKeeper.exists(nodeOf(undecided))).toBe(true);
  expect(await statusOf(undecided)).toBe("pending");
  await decide(undecided, "confirmed");
  expect(await statusOf(undecided)).toBe("confirmed");
});

test("a cancel's late node stays while there is a seat to give back, and then goes", async () => {
  const reserve = await newCommand();
  const { rid, lectureId, userId } = reserve;
  const cancel: CancelCommand = {
    kind: "cancel",
    rid,
    lectureId,
    userId,
    requestedAtMs: Date.now(),
  };
  await decide(reserve, "confirmed");
  const other = await newCommand();
  await queueAheadOfNode(cancel);
  await queueAheadOfNode(other);
  await decide(other, "rejected");
  origin.wires.zooKeeper.mend();
  const removed = (which: string) =>
    eventually("a late node was removed", async () =>
      origin.logged.some(
        ({ event, rids }) => event === "late_nodes_removed" && String(rids) === which,
      ),
    );
  await removed(other.rid);
  expect(await zooKeeper.exists(nodeOf(cancel))).toBe(true);
  await removePendingNodes(zooKeeper, [cancel]);

  await queueAheadOfNode(cancel);
  await database.withConnection((connection) =>
    connection.execute(
      "UPDATE reservation SET status = 'cancelled' WHERE lecture_id = ? AND rid = ?",
      [lectureId, rid],
    ),
  );
  origin.wires.zooKeeper.mend();
  await removed(rid);
  expect(await zooKeeper.exists(nodeOf(cancel))).toBe(false);
});

test("a node whose creation was never answered is looked after as well", async () => {
  const command = await newCommand();
  const create = createPendingNodes(zooKeeper);
  const answerLost = async (each: ReserveCommand | CancelCommand) => {
    await decide(command, "confirmed");
    await create(each);
    throw new ZooKeeperError("unknown", "the answer was lost");
  };
  await enqueue(
    { ...origin.deps, createPendingNode: answerLost as typeof create },
    command,
    deadlineIn(5_000),
  );
  await eventually("the node is gone", async () => !(await zooKeeper.exists(nodeOf(command))));
  expect(await statusOf(command)).toBe("confirmed");
});
