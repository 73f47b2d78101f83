import { afterAll, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import pino from "pino";
import type { Command, ReserveCommand } from "../contract/command.ts";
import type { LectureId } from "../contract/ids.ts";
import { DatabaseError } from "../database/database-error.ts";
import { type Database, DatabaseBusy } from "../database/pool.ts";
import type { Clock } from "../runtime/clock/clock.ts";
import { faultyDatabase } from "../test/faulty-database.ts";
import { insertDecision } from "../test/rooms/decision.ts";
import { deliveriesOf, openWorkerRoom } from "../test/rooms/worker.ts";
import { randomLectureId } from "../test/servers.ts";
import { handleBatch } from "./batch.ts";
import { handleDeadLetters } from "./dead-letters.ts";
import type { WorkerDeps } from "./deps.ts";
import { loadMissing } from "./load.ts";

const room = await openWorkerRoom();
afterAll(() => room.close());

async function openLecture(capacity: number): Promise<LectureId> {
  const lectureId = await room.publishLecture(capacity);
  await loadMissing(room.deps);
  return lectureId;
}

async function reserveAs(lectureId: LectureId, users: number): Promise<Command[]> {
  const commands: Command[] = [];
  for (let user = 0; user < users; user += 1)
    commands.push(await room.reserve(lectureId, `u${user}`));
  return commands;
}

async function outcomesOf(lectureId: LectureId): Promise<Record<string, string>> {
  const [rows] = await room.database.withConnection((connection) =>
    connection.query<RowDataPacket[]>(
      "SELECT rid, status, reason FROM reservation WHERE lecture_id = ?",
      [lectureId],
    ),
  );
  return Object.fromEntries(rows.map((row) => [row["rid"], row["reason"] ?? row["status"]]));
}

/** A worker whose clock advances by its waits. */
function workerOn(database: Database) {
  const events: string[] = [];
  let nowMs = 0;
  const clock: Clock = {
    monotonicMs: () => nowMs,
    sleep: async (waitMs) => {
      nowMs += waitMs;
    },
    random: Math.random,
  };
  const log = pino(
    { level: "warn" },
    { write: (line: string) => void events.push(JSON.parse(line).event) },
  );
  const deps: WorkerDeps = { ...room.deps, database, clock, log };
  return { deps, told: () => [...new Set(events)].sort() };
}

const refused = (errno: number) => () => new DatabaseError(`ER_${errno}`, errno, "HY000");
const lost = (code: string) => () =>
  Object.assign(new Error(code), { code, errno: -1, syscall: "connect" });

const infrastructure: [what: string, error: () => unknown][] = [
  ["1047: a node of a cluster is not ready", refused(1047)],
  ["1969: the server's own time for a statement is over", refused(1969)],
  ["1158: the server could not read", refused(1158)],
  ["1429: an engine behind the server is away", refused(1429)],
  ["12701: a proxy engine has no server", refused(12701)],
  ["1129: the host is blocked", refused(1129)],
  ["1412: the table's definition has changed", refused(1412)],
  ["1206: the lock table is full", refused(1206)],
  ["1054: a column is not there yet", refused(1054)],
  ["EAI_AGAIN", lost("EAI_AGAIN")],
  ["ENETUNREACH", lost("ENETUNREACH")],
  ["a driver's text", () => Object.assign(new Error("Handshake inactivity"), { errno: 0 })],
  [
    "a text without a number",
    () => new Error("Can't add new command when connection is in closed state"),
  ],
  ["no free connection", () => new DatabaseBusy("none")],
];

test.each(infrastructure)(
  "%s: the batch is decided once that is over, and nobody is blamed",
  async (_, error) => {
    const lectureId = await openLecture(20);
    const commands = await reserveAs(lectureId, 10);
    let failing = 12;
    const { deps, told } = workerOn(
      faultyDatabase(room.database, () => (failing-- > 0 ? error() : undefined)),
    );
    expect(await handleBatch(deps, deliveriesOf(commands))).toEqual(commands.map(() => "ack"));
    expect(Object.values(await outcomesOf(lectureId))).toEqual(commands.map(() => "confirmed"));
    expect(told()).toEqual(["decide_retried"]);
  },
);

test("a fault of all commands is waited for without limit, and logged", async () => {
  const lectureId = await openLecture(20);
  const commands = await reserveAs(lectureId, 10);
  let failing = 400;
  const { deps, told } = workerOn(
    faultyDatabase(room.database, () => (failing-- > 0 ? refused(1047)() : undefined)),
  );
  expect(await handleBatch(deps, deliveriesOf(commands))).toEqual(commands.map(() => "ack"));
  expect(told()).toEqual(["decide_retried", "decide_stuck"]);
});

test("a database that takes only rejections decides nothing and rejects nobody", async () => {
  const lectureId = await openLecture(20);
  const commands = await reserveAs(lectureId, 10);
  let failing = true;
  const database = faultyDatabase(room.database, (sql) =>
    failing && /INSERT INTO reservation .* VALUES \(\d/.test(sql) ? refused(12701)() : undefined,
  );
  const { deps } = workerOn(database);
  const letters = deliveriesOf(commands.slice(0, 3));
  expect(await handleDeadLetters(deps, letters)).toEqual(["later", "later", "later"]);
  expect(await outcomesOf(lectureId)).toEqual({});
  failing = false;
  expect(await handleDeadLetters(deps, letters)).toEqual(["ack", "ack", "ack"]);
  expect(Object.values(await outcomesOf(lectureId))).toEqual([
    "confirmed",
    "confirmed",
    "confirmed",
  ]);
});

/** Whatever the error, a fault that one command alone has is its own. */
const poisons: [what: string, error: () => unknown][] = [
  ["an error that nobody knows", refused(31_999)],
  ["a connection that is lost with it", lost("PROTOCOL_CONNECTION_LOST")],
  ["a mistake in the program", () => new TypeError("undefined is not an object")],
  ["a value that is refused", refused(1264)],
];

test.each(poisons)(
  "%s: the one command that has it is given up, its neighbours are decided",
  async (_, error) => {
    const [lectureId, other] = [await openLecture(20), await openLecture(20)];
    const commands = [...(await reserveAs(lectureId, 8)), ...(await reserveAs(other, 3))];
    const poisonous = commands[3] as Command;
    const { rid } = poisonous;
    const isPoison = new RegExp(`INSERT INTO reservation [^']* VALUES \\(\\d.*'${rid}'`, "s");
    const database = faultyDatabase(room.database, (sql) =>
      isPoison.test(sql) ? error() : undefined,
    );
    const { deps, told } = workerOn(database);
    const verdicts = commands.map((command) => (command.rid === rid ? "dead" : "ack"));
    expect(await handleBatch(deps, deliveriesOf(commands))).toEqual(verdicts);
    expect(told()).toContain("command_undecidable");
    expect(await handleDeadLetters(deps, deliveriesOf([poisonous]))).toEqual(["ack"]);
    const outcomes = await outcomesOf(lectureId);
    expect(outcomes[rid]).toBe("undeliverable");
    expect(Object.values(outcomes).filter((outcome) => outcome === "confirmed")).toHaveLength(7);
    expect(Object.values(await outcomesOf(other))).toEqual(["confirmed", "confirmed", "confirmed"]);
  },
);

test("a lecture with locked stock waits in the dead letters; the others are decided", async () => {
  const [stuck, other] = [await openLecture(20), await openLecture(20)];
  const commands = [...(await reserveAs(stuck, 3)), ...(await reserveAs(other, 3))];
  let isStuck = true;
  const lockWait = new RegExp(`FROM stock WHERE lecture_id IN \\(.*'${stuck}'`, "s");
  const { deps, told } = workerOn(
    faultyDatabase(room.database, (sql) =>
      isStuck && lockWait.test(sql) ? refused(1205)() : undefined,
    ),
  );
  const verdicts = ["dead", "dead", "dead", "ack", "ack", "ack"];
  expect(await handleBatch(deps, deliveriesOf(commands))).toEqual(verdicts as never);
  expect(told()).toEqual(["decide_retried", "lecture_stuck"]);
  expect(await handleDeadLetters(deps, deliveriesOf(commands.slice(0, 3)))).toEqual([
    "later",
    "later",
    "later",
  ]);
  expect(await outcomesOf(stuck)).toEqual({});
  isStuck = false;
  expect(await handleDeadLetters(deps, deliveriesOf(commands.slice(0, 3)))).toEqual([
    "ack",
    "ack",
    "ack",
  ]);
  expect(Object.values(await outcomesOf(stuck))).toEqual(["confirmed", "confirmed", "confirmed"]);
});

test("a worker that is stopped while its batch waits leaves the batch to the others", async () => {
  const commands = await reserveAs(await openLecture(3), 2);
  const stopping = new AbortController();
  let failing = 0;
  const { deps } = workerOn(
    faultyDatabase(room.database, () => {
      failing += 1;
      if (failing === 5) stopping.abort();
      return refused(1047)();
    }),
  );
  const handled = handleBatch({ ...deps, stopping: stopping.signal }, deliveriesOf(commands));
  expect(await handled.catch((error: unknown) => error)).toBeInstanceOf(DatabaseError);
});

test("a cancel without stock is undecidable at once; the others are decided", async () => {
  const lectureId = await openLecture(20);
  const commands = await reserveAs(lectureId, 3);
  const stray = { ...(commands[0] as ReserveCommand), ...strayOf(randomLectureId()) };
  await insertDecision(room.database, stray, "confirmed");
  const cancel = {
    ...strayOf(stray.lectureId),
    userId: stray.userId,
    kind: "cancel" as const,
    requestedAtMs: 1,
  };
  const { deps, told } = workerOn(room.database);
  expect(await handleBatch(deps, deliveriesOf([...commands, cancel]))).toEqual([
    "ack",
    "ack",
    "ack",
    "dead",
  ]);
  expect(told()).toEqual(["command_undecidable"]);
  expect(await handleDeadLetters(deps, deliveriesOf([cancel]))).toEqual(["ack"]);
  expect(Object.values(await outcomesOf(stray.lectureId))).toEqual(["confirmed"]);
});

function strayOf(lectureId: LectureId) {
  return { lectureId, rid: `${lectureId}-${"5".repeat(32)}` };
}
