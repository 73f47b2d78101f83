import { afterAll, beforeAll, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import { UNREAD } from "../catalogue/cache/writing-lecture.ts";
import { insertDraft } from "../catalogue/draft.ts";
import { keepWords } from "../catalogue/words.ts";
import type { Actor } from "../contract/actor.ts";
import { amendmentRidOf, type LectureId, type Rid } from "../contract/ids.ts";
import type { AmendRequest } from "../contract/organised-lecture.ts";
import type { Terms } from "../contract/terms.ts";
import type { Words, WordsChange } from "../contract/words.ts";
import { openTestOrigin, type TestOrigin } from "../test/rooms/origin.ts";
import { openTestDatabase, randomLectureId } from "../test/servers.ts";
import { NO_DEADLINE } from "./deadline.ts";
import { amendLecture } from "./organise.ts";
import { projectLecture } from "./project.ts";
import { openProjection } from "./projection.ts";
import { UNTRACED } from "./request-trace.ts";

/** No worker runs here: the tests decide themselves, as a worker would. */
let origin: TestOrigin;
const booking = openTestDatabase();
const catalogue = openTestDatabase("catalogue");
beforeAll(async () => {
  origin = await openTestOrigin();
});
afterAll(async () => {
  await origin.close();
  await Promise.all([booking.close(), catalogue.close()]);
});

const WORDS: Words = {
  host: "campus",
  title: "Light",
  speaker: "P",
  bio: "",
  category: "",
  venue: "H",
  posterUrl: null,
  description: "",
};
const TERMS: Terms = {
  version: 1,
  published: true,
  cancelled: false,
  opensAtMs: 1_000,
  closesAtMs: 2_000,
  startsAtMs: 3_000,
  endsAtMs: 4_000,
  cancelUntilMs: null,
  capacity: 5,
  audience: [],
};
const ACTOR: Actor = { userId: "s-1", role: "organiser", hosts: ["campus"] };

async function write(database: typeof booking, sql: string, values: unknown[]): Promise<void> {
  await database.withConnection((connection) => connection.query(sql, values));
}

/** A lecture whose copy is at version 1. */
async function newLecture(): Promise<LectureId> {
  const id = randomLectureId();
  const creation = crypto.randomUUID().replaceAll("-", "");
  await insertDraft(catalogue, UNREAD, {
    id,
    words: WORDS,
    terms: TERMS,
    createdBy: "s-1",
    creation,
  });
  const at = (ms: number) => new Date(ms);
  await write(
    booking,
    `INSERT INTO stock (lecture_id, capacity, remaining, target, published,
                        opens_at, closes_at, starts_at, ends_at, audience)
     VALUES (?, 5, 5, 5, TRUE, ?, ?, ?, ?, '[]')`,
    [id, at(1_000), at(2_000), at(3_000), at(4_000)],
  );
  await projectLecture(origin.deps, id, NO_DEADLINE);
  return id;
}

/** What a worker writes for an amendment that it applies, and the words that wait for it. */
async function decide(id: LectureId, version: number, words?: WordsChange): Promise<Rid> {
  const rid = amendmentRidOf(id, "s-1", `k${version}`);
  if (words) {
    const { sql, values } = keepWords(rid, words, "s-1");
    await write(catalogue, sql, values);
  }
  await write(
    booking,
    `INSERT INTO amendment (lecture_id, rid, outcome, version, change_asked,
                            by_user, requested_at, decided_at)
     VALUES (?, ?, 'applied', ?, '{}', 's-1', NOW(3), NOW(3))`,
    [id, rid, version],
  );
  await write(
    booking,
    "UPDATE stock SET version = ?, target = ?, amended_at = UTC_TIMESTAMP(3) WHERE lecture_id = ?",
    [version, 10 * version, id],
  );
  return rid;
}

async function shown(id: LectureId) {
  return await catalogue.withConnection(async (connection) => {
    const sql =
      "SELECT version, capacity, title, venue, description_html AS html FROM lecture WHERE id = ?";
    return (await connection.query<RowDataPacket[]>(sql, [id]))[0][0];
  });
}

const projection = () => openProjection({ ...origin.deps, metrics: undefined });

test("what nobody waited for is found within a second, terms and words in order", async () => {
  const id = await newLecture();
  await decide(id, 2, { title: "Two", venue: "Hall 2" });
  await decide(id, 3);
  await decide(id, 4, { title: "Four", description: "*4*" });
  await projection().lookLately();
  expect(await shown(id)).toMatchObject({
    version: 4,
    capacity: 40,
    title: "Four",
    venue: "Hall 2",
    html: "<p><em>4</em></p>",
  });
});

test("an old amendment is found by the look at everything, not by the last minute's", async () => {
  const id = await newLecture();
  await decide(id, 2, { title: "Two" });
  await write(
    booking,
    "UPDATE stock SET amended_at = UTC_TIMESTAMP(3) - INTERVAL 1 DAY WHERE lecture_id = ?",
    [id],
  );
  await projection().lookLately();
  expect(await shown(id)).toMatchObject({ version: 1, title: "Light" });
  await projection().lookAtAll();
  expect(await shown(id)).toMatchObject({ version: 2, title: "Two" });
});

test("words whose amendment was refused, or never queued, change nothing", async () => {
  const id = await newLecture();
  const lost = keepWords(amendmentRidOf(id, "s-1", "lost"), { title: "Lost" }, "s-1");
  await write(catalogue, lost.sql, lost.values);
  const refused = amendmentRidOf(id, "s-1", "refused");
  const kept = keepWords(refused, { venue: "Nowhere" }, "s-1");
  await write(catalogue, kept.sql, kept.values);
  await write(
    booking,
    `INSERT INTO amendment (lecture_id, rid, outcome, reason, version, change_asked,
                            by_user, requested_at, decided_at)
     VALUES (?, ?, 'refused', 'version_conflict', 1, '{}', 's-1', NOW(3), NOW(3))`,
    [id, refused],
  );
  await decide(id, 2, { description: "x" });
  await projection().lookLately();
  expect(await shown(id)).toMatchObject({ version: 2, title: "Light", venue: "H" });
});

test("many origins at once take a copy from version to version, and lose no words", async () => {
  const id = await newLecture();
  const looks: Promise<unknown>[] = [];
  for (let version = 2; version <= 12; version += 1) {
    await decide(
      id,
      version,
      version % 2 === 0 ? { title: `T${version}` } : { venue: `V${version}` },
    );
    looks.push(...[1, 2, 3].map(() => projectLecture(origin.deps, id, NO_DEADLINE)));
  }
  await Promise.all(looks);
  expect(await shown(id)).toMatchObject({ version: 12, capacity: 120, title: "T12", venue: "V11" });
});

test("a lecture that cannot be projected holds up no other, and the log tells of it", async () => {
  const [broken, whole] = [await newLecture(), await newLecture()];
  const rid = await decide(broken, 2, { title: "x" });
  await write(catalogue, "UPDATE words SET words = '{' WHERE rid = ?", [rid]);
  await decide(whole, 2, { title: "Whole" });
  const before = origin.logged.length;
  await projection().lookLately();
  expect(await shown(whole)).toMatchObject({ version: 2, title: "Whole" });
  expect(await shown(broken)).toMatchObject({ version: 1 });
  expect(origin.logged.slice(before)).toContainEqual(
    expect.objectContaining({ event: "projection_failed", lectureId: broken }),
  );
  await write(catalogue, "DELETE FROM words WHERE rid = ?", [rid]);
});

test("while the catalogue is away nothing is lost: the next look makes up for it", async () => {
  const id = await newLecture();
  await decide(id, 2, { title: "Two" });
  origin.wires.catalogue.cut();
  await projection().lookLately();
  origin.wires.catalogue.mend();
  expect(await shown(id)).toMatchObject({ version: 1 });
  for (let tries = 0; tries < 40 && (await shown(id))?.["version"] === 1; tries += 1) {
    await projection().lookLately();
    await Bun.sleep(100);
  }
  expect(await shown(id)).toMatchObject({ version: 2, title: "Two" });
});

test("without a worker a change waits: asked again it is the same, told once decided", async () => {
  const id = await newLecture();
  const request: AmendRequest = {
    key: "k2",
    words: { title: "Later" },
    change: {},
    ifVersion: 1,
    strict: false,
    requestedAtMs: Date.now(),
    waitMs: 300,
  };
  const how = { deadline: NO_DEADLINE, trace: UNTRACED, onWait: () => {} };
  const ask = () => amendLecture(origin.deps, ACTOR, id, request, how);
  const [first, again] = [await ask(), await ask()];
  const rid = amendmentRidOf(id, "s-1", "k2");
  expect(first).toEqual({ amendment: { id: rid, lectureId: id, status: "pending" } });
  expect(again).toEqual(first);
  expect(await shown(id)).toMatchObject({ version: 1, title: "Light" });
  expect(await decide(id, 2)).toBe(rid);
  expect(await ask()).toMatchObject({
    amendment: { status: "applied", version: 2 },
    lecture: { title: "Later", version: 2 },
  });
  expect(await shown(id)).toMatchObject({ version: 2, title: "Later" });
});

test("the next look begins the one generation that a dead writer left out", async () => {
  let begun = 0;
  const beginGeneration = async () => {
    begun += 1;
  };
  const lectureWrites = { ...origin.deps.lectureWrites, beginGeneration };
  const { lookLately } = openProjection({ ...origin.deps, lectureWrites, metrics: undefined });
  const id = await newLecture();
  await lookLately();
  begun = 0;
  await lookLately();
  expect(begun).toBe(0);
  await decide(id, 2);
  await projectLecture({ ...origin.deps, lectureWrites: UNREAD }, id, NO_DEADLINE);
  await lookLately();
  expect(begun).toBe(1);
  await lookLately();
  expect(begun).toBe(1);
});

test("a loop that is asked to stop ends at once", async () => {
  const stopping = new AbortController();
  const running = openProjection({
    ...origin.deps,
    stopping: stopping.signal,
    metrics: undefined,
  }).run();
  await Bun.sleep(50);
  stopping.abort();
  await running;
});
