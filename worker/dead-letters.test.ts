import { afterAll, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import { claim } from "../admission/claim.ts";
import { findClaim } from "../admission/find-claim.ts";
import type { Command } from "../contract/command.ts";
import { isPending } from "../pending/read.ts";
import { deliveriesOf, openWorkerRoom } from "../test/worker-room.ts";
import { handleBatch } from "./batch.ts";
import { handleDeadLetters } from "./dead-letters.ts";
import { loadMissing } from "./load.ts";

const room = await openWorkerRoom();
const { deps } = room;

afterAll(() => room.close());

async function openLecture(): Promise<string> {
  const lectureId = await room.publishLecture(3);
  await loadMissing(deps);
  return lectureId;
}

/** Commands as they come from lectern.dead after too many deliveries. */
function givenUp(commands: Command[]) {
  return deliveriesOf(commands).map((delivery) => ({ ...delivery, diedOf: "delivery_limit" }));
}

async function outcomeOf({ lectureId, rid }: Command): Promise<unknown> {
  const sql = "SELECT status, reason FROM reservation WHERE lecture_id = ? AND rid = ?";
  const [rows] = await room.database.withConnection((connection) =>
    connection.query<RowDataPacket[]>(sql, [lectureId, rid]),
  );
  return rows[0]?.["reason"] ?? rows[0]?.["status"];
}

test("a command that was refused once is decided when it is tried by itself", async () => {
  const command = await room.reserve(await openLecture(), "u1");
  expect(await handleDeadLetters(deps, deliveriesOf([command]))).toEqual(["ack"]);
  expect(await outcomeOf(command)).toBe("confirmed");
});

test("a command that failed delivery after delivery ends rejected, its seat released and its node gone", async () => {
  const command = await room.reserve(await openLecture(), "u1");
  expect(await handleDeadLetters(deps, givenUp([command]))).toEqual(["ack"]);
  expect(await outcomeOf(command)).toBe("undeliverable");
  expect(await findClaim(room.redis, command)).toBeUndefined();
  expect(await isPending(room.zooKeeper, command.rid)).toBe(false);
  expect(await claim(room.redis, command)).toMatchObject({ outcome: "repeated", state: "rejected" });
});

test("a decision that was made before its command was given up stays", async () => {
  const command = await room.reserve(await openLecture(), "u1");
  await handleBatch(deps, deliveriesOf([command]));
  expect(await handleDeadLetters(deps, givenUp([command]))).toEqual(["ack"]);
  expect(await outcomeOf(command)).toBe("confirmed");
  expect(await findClaim(room.redis, command)).toMatchObject({ state: "confirmed" });
});

test("a cancel that is given up leaves the seat to its user, and is no longer pending", async () => {
  const command = await room.reserve(await openLecture(), "u1");
  await handleBatch(deps, deliveriesOf([command]));
  await handleDeadLetters(deps, givenUp([await room.cancel(command)]));
  expect(await outcomeOf(command)).toBe("confirmed");
  expect(await isPending(room.zooKeeper, command.rid)).toBe(false);
});

test("a message that is no command is dropped, its neighbours are taken to their end", async () => {
  const command = await room.reserve(await openLecture(), "u1");
  const unreadable = { unreadable: "not JSON", body: Buffer.from("{"), redelivered: false, deliveryCount: 0 };
  expect(await handleDeadLetters(deps, [unreadable, ...givenUp([command])])).toEqual(["dead", "ack"]);
  expect(await outcomeOf(command)).toBe("undeliverable");
});
