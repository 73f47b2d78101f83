import { afterAll, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import { claim } from "../admission/claim.ts";
import { findClaim } from "../admission/find-claim.ts";
import type { Command } from "../contract/command.ts";
import { DatabaseError } from "../database/database-error.ts";
import { DatabaseBusy } from "../database/pool.ts";
import { findPending } from "../pending/read.ts";
import type { Delivery } from "../queue/delivery.ts";
import { systemClock } from "../runtime/clock/clock.ts";
import { faultyDatabase } from "../test/faulty-database.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { handleBatch } from "./batch.ts";
import { handleDeadLetters, LOST_WORKERS_MAX } from "./dead-letters.ts";
import type { WorkerDeps } from "./deps.ts";
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
function undelivered(commands: Command[]): Delivery[] {
  return deliveriesOf(commands).map((delivery) => ({ ...delivery, diedOf: "delivery_limit" }));
}

/** Commands that were tried alone, three workers having been lost with each. */
function givenUp(commands: Command[]): Delivery[] {
  return undelivered(commands).map((delivery) => ({ ...delivery, suspected: LOST_WORKERS_MAX }));
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

test("a command that failed in every delivery is decided as a dead letter", async () => {
  const command = await room.reserve(await openLecture(), "u1");
  expect(await handleDeadLetters(deps, undelivered([command]))).toEqual(["ack"]);
  expect(await outcomeOf(command)).toBe("confirmed");
});

test("a command lost with its worker is suspected only while MySQL takes others", async () => {
  const command = await room.reserve(await openLecture(), "u1");
  const lost = undelivered([command]).map((delivery) => ({ ...delivery, deliveryCount: 1 }));
  expect(await handleDeadLetters(deps, lost)).toEqual(["suspect"]);
  const away: WorkerDeps = {
    ...deps,
    database: { ...room.database, withConnection: () => Promise.reject(new DatabaseBusy("away")) },
    clock: { ...systemClock, monotonicMs: () => (monotonicMs += 1_000), sleep: async () => {} },
  };
  let monotonicMs = 0;
  expect(await handleDeadLetters(away, lost)).toEqual(["later"]);
  expect(await outcomeOf(command)).toBeUndefined();
});

test("a command lost with three workers is rejected, its claim and node removed", async () => {
  const command = await room.reserve(await openLecture(), "u1");
  expect(await handleDeadLetters(deps, givenUp([command]))).toEqual(["ack"]);
  expect(await outcomeOf(command)).toBe("undeliverable");
  expect(await findClaim(room.redis, command)).toBeUndefined();
  expect(await findPending(room.zooKeeper, command.rid)).toBeUndefined();
  expect(await claim(room.redis, command)).toMatchObject({
    outcome: "repeated",
    state: "rejected",
  });
});

test("a give-up cut short is finished by the next delivery, five times at most", async () => {
  const command = await room.reserve(await openLecture(), "u1");
  const after = (lost: number) =>
    givenUp([command]).map((delivery) => ({ ...delivery, deliveryCount: lost }));
  expect(await handleDeadLetters(deps, after(6))).toEqual(["later"]);
  expect(await outcomeOf(command)).toBeUndefined();
  expect(await handleDeadLetters(deps, after(5))).toEqual(["ack"]);
  expect(await outcomeOf(command)).toBe("undeliverable");
});

test("a decision that was made before its command was given up stays", async () => {
  const command = await room.reserve(await openLecture(), "u1");
  await handleBatch(deps, deliveriesOf([command]));
  expect(await handleDeadLetters(deps, givenUp([command]))).toEqual(["ack"]);
  expect(await outcomeOf(command)).toBe("confirmed");
  expect(await findClaim(room.redis, command)).toMatchObject({ state: "confirmed" });
});

test("a cancel that is given up leaves its user the seat and is no longer pending", async () => {
  const command = await room.reserve(await openLecture(), "u1");
  await handleBatch(deps, deliveriesOf([command]));
  await handleDeadLetters(deps, givenUp([await room.cancel(command)]));
  expect(await outcomeOf(command)).toBe("confirmed");
  expect(await findPending(room.zooKeeper, command.rid)).toBeUndefined();
});

test("a message that is no command is dropped, its neighbours are taken to their end", async () => {
  const command = await room.reserve(await openLecture(), "u1");
  const unreadable = {
    unreadable: "not JSON",
    body: Buffer.from("{"),
    redelivered: false,
    deliveryCount: 0,
  };
  expect(await handleDeadLetters(deps, [unreadable, ...givenUp([command])])).toEqual([
    "dead",
    "ack",
  ]);
  expect(await outcomeOf(command)).toBe("undeliverable");
});

test("a give-up that fails lets the next letter go first, and is done later", async () => {
  const lectureId = await openLecture();
  const [stubborn, next] = [
    await room.reserve(lectureId, "u1"),
    await room.reserve(lectureId, "u2"),
  ];
  const refused = new DatabaseError("ER_WARN_DATA_OUT_OF_RANGE", 1264, "22003");
  const database = faultyDatabase(room.database, (sql) =>
    sql.includes("'undeliverable'") && sql.includes(stubborn.rid) ? refused : undefined,
  );
  const letters = givenUp([stubborn, next]);
  expect(await handleDeadLetters({ ...deps, database }, letters)).toEqual(["later", "ack"]);
  expect([await outcomeOf(stubborn), await outcomeOf(next)]).toEqual([undefined, "undeliverable"]);
  expect(await handleDeadLetters(deps, letters)).toEqual(["ack", "ack"]);
  expect(await outcomeOf(stubborn)).toBe("undeliverable");
});
