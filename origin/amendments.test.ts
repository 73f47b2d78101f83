import { afterAll, afterEach, beforeEach, expect, test } from "bun:test";
import { UNREAD } from "../catalogue/cache/writing-lecture.ts";
import { insertDraft } from "../catalogue/draft.ts";
import { projectTerms } from "../catalogue/project.ts";
import type { AmendCommand } from "../contract/command.ts";
import { amendmentRidOf } from "../contract/ids.ts";
import { findPendingAmendment } from "../pending/read.ts";
import { removePendingNodes } from "../pending/remove.ts";
import { drainPartitions, freshTopology } from "../test/rooms/broker.ts";
import { openTestOrigin, type TestOrigin } from "../test/rooms/origin.ts";
import { eventually, openTestDatabase, randomLectureId } from "../test/servers.ts";

let origin: TestOrigin;
const database = openTestDatabase();
const catalogue = openTestDatabase("catalogue");

const WORDS = {
  host: "campus",
  title: "Light",
  speaker: "P",
  bio: "",
  category: "",
  venue: "H",
  posterUrl: null,
  description: "",
};
const TERMS = {
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

beforeEach(async () => {
  await freshTopology();
  origin = await openTestOrigin();
});
afterEach(() => origin.close());
afterAll(() => Promise.all([database.close(), catalogue.close()]));

function amendmentOf(lectureId = randomLectureId(), key = "key"): AmendCommand {
  return {
    kind: "amend",
    rid: amendmentRidOf(lectureId, "o1", key),
    lectureId,
    userId: "o1",
    requestedAtMs: Date.now(),
    ifVersion: null,
    strict: false,
    words: false,
    change: { capacity: 5 },
  };
}

/** The decision of a worker, as it is written. */
async function decide(
  { lectureId, rid, change }: AmendCommand,
  { version = 2, atMs = Date.now(), reason = null as string | null } = {},
): Promise<void> {
  const outcome = reason === null ? "applied" : "refused";
  const sql = `
    INSERT INTO amendment (lecture_id, rid, outcome, reason, version, change_asked,
                           by_user, requested_at, decided_at)
    VALUES (?, ?, ?, ?, ?, ?, 'o1', ?, ?)`;
  const at = new Date(atMs);
  const values = [lectureId, rid, outcome, reason, version, JSON.stringify(change), at, at];
  await database.withConnection((connection) => connection.query(sql, values));
}

/** A lecture that the organiser of the reads runs. */
async function makeLecture(id = randomLectureId()): Promise<string> {
  const creation = crypto.randomUUID().replaceAll("-", "");
  await insertDraft(catalogue, UNREAD, {
    id,
    words: WORDS,
    terms: TERMS,
    createdBy: "o1",
    creation,
  });
  await projectTerms(catalogue, UNREAD, id, TERMS);
  return id;
}

const ORGANISER = "by=o1&role=organiser&hosts=campus";

const read = (path: string) =>
  origin.ask(`/admin${path}${path.includes("?") ? "&" : "?"}${ORGANISER}`);

test("an amendment is queued with its own pending node, and pending for who asks", async () => {
  const command = amendmentOf(await makeLecture());
  const amendment = { id: command.rid, lectureId: command.lectureId, status: "pending" };
  expect(await origin.order(command)).toMatchObject({
    status: 200,
    body: { queued: true, amendment },
  });
  expect(await findPendingAmendment(origin.zooKeeper, command.rid)).toEqual(command);
  expect((await read(`/amendments/${command.rid}`)).body).toEqual({ amendment });
  const [message] = await drainPartitions();
  expect(JSON.parse(String(message?.content))).toEqual(command);
  await removePendingNodes(origin.zooKeeper, [command]);
});

test("who waits is answered with the amendment as soon as its node goes", async () => {
  const command = amendmentOf();
  const waiting = origin.order(command, { waitMs: 15_000 });
  await eventually("the node is there", () => findPendingAmendment(origin.zooKeeper, command.rid));
  await decide(command, { reason: "seats_given", version: 7 });
  await removePendingNodes(origin.zooKeeper, [command]);
  expect((await waiting).body).toMatchObject({
    amendment: { status: "refused", reason: "seats_given", version: 7, change: { capacity: 5 } },
  });
});

test("an amendment in neither queue nor node is 503: nothing would bring it back", async () => {
  origin.wires.zooKeeper.stall();
  origin.wires.rabbitMq.stall();
  expect((await origin.order(amendmentOf())).status).toBe(503);
});

test("an unknown amendment is 404, and so is what names none", async () => {
  const { rid } = amendmentOf(await makeLecture());
  expect(await read(`/amendments/${rid}`)).toMatchObject({
    status: 404,
    body: { code: "amendment_not_found" },
  });
  expect((await read("/amendments/x")).status).toBe(404);
});

test("a lecture's amendments come page by page, latest decision first", async () => {
  const lectureId = await makeLecture();
  const commands = ["a", "b", "c", "d"].map((key) => amendmentOf(lectureId, key));
  for (const [at, command] of commands.entries())
    await decide(command, { version: at + 2, atMs: 1_000_000 + Math.floor(at / 2) });
  const seen: number[] = [];
  for (let after = ""; ; ) {
    const { body } = await read(`/lectures/${lectureId}/amendments?limit=1${after}`);
    const page = body as { amendments: { version: number; decidedAt: string }[]; next?: string };
    seen.push(...page.amendments.map(({ version }) => version));
    if (page.next === undefined) break;
    after = `&after=${page.next}`;
  }
  expect(seen).toHaveLength(4);
  expect(new Set(seen)).toEqual(new Set([2, 3, 4, 5]));
  expect(new Set(seen.slice(0, 2))).toEqual(new Set([4, 5]));
  expect((await read(`/lectures/${lectureId}/amendments?after=x`)).status).toBe(422);
});
