import { afterAll, afterEach, beforeEach, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import type { Command } from "../contract/command.ts";
import { queueNames } from "../contract/names.ts";
import type { Database } from "../database/pool.ts";
import type { Handle } from "../queue/batches.ts";
import { DELIVERY_LIMIT } from "../queue/topology.ts";
import { faultyDatabase } from "../test/faulty-database.ts";
import { freshTopology } from "../test/rooms/broker.ts";
import { depths, publishAll, testConsumers } from "../test/rooms/consumer.ts";
import { openWorkerRoom } from "../test/rooms/worker.ts";
import { eventually } from "../test/servers.ts";
import { handleDeadLetters, LOST_WORKERS_MAX } from "./dead-letters.ts";
import { loadMissing } from "./load.ts";

const room = await openWorkerRoom();
const consumers = testConsumers();
afterAll(() => room.close());
beforeEach(freshTopology);
afterEach(consumers.closeAll);

async function reserveSome(users: number): Promise<Command[]> {
  const lectureId = await room.publishLecture(users);
  await loadMissing(room.deps);
  const commands: Command[] = [];
  for (let user = 0; user < users; user += 1)
    commands.push(await room.reserve(lectureId, `u${user}`));
  await publishAll(commands);
  return commands;
}

async function outcomesOf(commands: Command[]): Promise<(string | undefined)[]> {
  const [rows] = await room.database.withConnection((connection) =>
    connection.query<RowDataPacket[]>(
      "SELECT rid, status, reason FROM reservation WHERE rid IN (?)",
      [commands.map(({ rid }) => rid)],
    ),
  );
  const outcomes = new Map(rows.map((row) => [row["rid"], row["reason"] ?? row["status"]]));
  return commands.map(({ rid }) => outcomes.get(rid));
}

const deadLetters = { queues: [queueNames.dead], prefetch: 1, maxBatch: 1 };
const waiting = async () => (await depths()).reduce((sum, { ready }) => sum + ready, 0);

/** A worker that is killed as soon as it handles a delivery. */
async function loseWorker(handle: Handle, options = {}): Promise<void> {
  const begun = Promise.withResolvers<void>();
  const consumer = await consumers.openReady({
    drainTimeoutMs: 0,
    ...options,
    handle: (deliveries, queue) => {
      begun.resolve();
      return handle(deliveries, queue);
    },
  });
  await begun.promise;
  await consumer.close();
}

const never: Handle = () => new Promise(() => {});

test("commands that outlived all workers are confirmed once a frozen MySQL is back", async () => {
  const commands = await reserveSome(10);
  for (let lost = 0; lost <= DELIVERY_LIMIT; lost += 1) await loseWorker(never);
  await eventually("all are dead letters", async () => (await depths()).at(-1)?.ready === 10);
  await loseWorker(never, deadLetters);
  await consumers.openReady({
    ...deadLetters,
    handle: (deliveries) => handleDeadLetters(room.deps, deliveries),
  });
  await eventually(
    "all are decided",
    async () => !(await outcomesOf(commands)).includes(undefined),
  );
  expect(await outcomesOf(commands)).toEqual(commands.map(() => "confirmed"));
});

/** The database of a worker that dies when it decides this command; `killed` is called then. */
function killedBy(command: Command, killed: () => void): Database {
  const deciding = new RegExp(`INSERT INTO reservation [^']* VALUES \\(\\d.*'${command.rid}'`, "s");
  return faultyDatabase(room.database, (sql) => {
    if (!deciding.test(sql)) return undefined;
    killed();
    return new Error("this worker is gone");
  });
}

test("a command is given up after three lost workers, and the others are decided", async () => {
  const commands = await reserveSome(4);
  const killer = commands[1] as Command;
  await consumers
    .openReady({ handle: async (deliveries) => deliveries.map(() => "dead") })
    .then(async (consumer) => {
      await eventually("all are dead letters", async () => (await depths()).at(-1)?.ready === 4);
      await consumer.close();
    });
  let lost = 0;
  const isOver = async () =>
    (await waiting()) === 0 && !(await outcomesOf(commands)).includes(undefined);
  while (lost < 10 && !(await isOver())) {
    const before = lost;
    const worker = await consumers.openReady({
      ...deadLetters,
      drainTimeoutMs: 0,
      async handle(deliveries) {
        let isLost = false;
        const database = killedBy(killer, () => {
          isLost = true;
        });
        const clock = {
          ...room.deps.clock,
          sleep: () => (isLost ? new Promise<void>(() => {}) : Bun.sleep(1)),
        };
        const handled = handleDeadLetters({ ...room.deps, database, clock }, deliveries);
        while (!isLost) {
          const verdicts = await Promise.race([handled, Bun.sleep(5)]);
          if (verdicts && !isLost) return verdicts;
        }
        lost += 1;
        return await new Promise(() => {});
      },
    });
    await eventually("it is lost, or all is over", async () => lost > before || (await isOver()));
    await worker.close();
  }
  expect(lost).toBe(LOST_WORKERS_MAX);
  expect(await outcomesOf(commands)).toEqual([
    "confirmed",
    "undeliverable",
    "confirmed",
    "confirmed",
  ]);
});
