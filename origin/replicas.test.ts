import { afterAll, beforeAll, expect, test } from "bun:test";
import { projectTerms } from "../catalogue/project.ts";
import { BEHIND_HEADER } from "../contract/origin-api.ts";
import { openLectureDatabases } from "../stack/insert-lecture.ts";
import { type PrivateReplica, startPrivateReplica } from "../test/private/private-replica.ts";
import { publishedLecture, TERMS } from "../test/published-lecture.ts";
import { openTestOrigin, type TestOrigin } from "../test/rooms/origin.ts";
import { openWire, type Wire } from "../test/rooms/wire.ts";
import { eventually } from "../test/servers.ts";

let servers: PrivateReplica;
let wire: Wire;
let origin: TestOrigin;
let databases: ReturnType<typeof openLectureDatabases>;

beforeAll(async () => {
  servers = await startPrivateReplica();
  wire = await openWire(servers.replicaUrl);
  origin = await openTestOrigin({ urls: servers.urls, replicaUrls: [wire.url] });
  databases = openLectureDatabases(
    { BOOKING_MYSQL_URL: servers.urls.booking, CATALOGUE_MYSQL_URL: servers.urls.catalogue },
    2,
  );
});
afterAll(async () => {
  await origin.close();
  await databases.close();
  await wire.close();
  await servers.remove();
});

const isUsed = () => origin.deps.replicas.standings()[0]?.isUsed;
const usedAgain = () => eventually("the replica is used", async () => isUsed());

/** Lists, a lecture and a person's own bookings, again and again; every answer must be right. */
async function readAll(id: string, version: number, rid: string): Promise<void> {
  const list = await origin.ask("/lectures");
  expect(list.status).toBe(200);
  const lecture = await origin.ask(`/lectures/${id}`);
  expect(lecture.body).toMatchObject({ id, version });
  const own = await origin.ask("/users/u1/reservations");
  expect(JSON.stringify(own.body)).toContain(rid);
}

async function book(lectureId: string): Promise<string> {
  const rid = `${lectureId}-${"0".repeat(32)}`;
  await databases.database.withConnection((connection) =>
    connection.query(
      `INSERT INTO reservation (lecture_id, rid, user_id, status, claimed_at, decided_at)
       VALUES (?, ?, 'u1', 'confirmed', NOW(3), NOW(3))`,
      [lectureId, rid],
    ),
  );
  return rid;
}

const amend = (id: string, version: number) =>
  projectTerms(origin.deps.catalogue, origin.deps.lectureWrites, id, { ...TERMS, version });

test("lists come from a replica that keeps up", async () => {
  await publishedLecture(databases);
  await usedAgain();
  const before = origin.reads.catalogue;
  const list = await origin.send("/lectures");
  expect(list.status).toBe(200);
  expect(origin.reads.catalogue).toBe(before);
  // Edges hold it only once the replica must have followed.
  expect(Number(list.headers.get(BEHIND_HEADER))).toBeGreaterThan(4_000);
});

test("a replica 5 s behind is left out: no error, nothing old, no booking missing", async () => {
  await usedAgain();
  const id = await publishedLecture(databases);
  const rid = await book(id);
  await readAll(id, 1, rid);
  await servers.atReplica("STOP SLAVE SQL_THREAD");
  const sinceMs = performance.now();
  for (let version = 2; performance.now() - sinceMs < 5_000; version += 1) {
    await amend(id, version);
    await readAll(id, version, rid);
    await Bun.sleep(50);
  }
  expect(isUsed()).toBe(false);
  const [standing] = origin.deps.replicas.standings();
  expect(standing?.behindMs).toBeGreaterThan(2_000);
  await servers.atReplica("START SLAVE");
  await usedAgain();
  expect(origin.logged.map(({ event }) => event)).toContain("replica_left_out");
});

test.each(["cut", "stall"] as const)(
  "a replica whose connections are %s costs no error, and is used again afterwards",
  async (how) => {
    await usedAgain();
    const id = await publishedLecture(databases);
    const rid = await book(id);
    await readAll(id, 1, rid);
    wire[how]();
    await amend(id, 2);
    for (let reads = 0; reads < 20; reads += 1) await readAll(id, 2, rid);
    expect(isUsed()).toBe(false);
    wire.mend();
    await usedAgain();
    await readAll(id, 2, rid);
  },
);
