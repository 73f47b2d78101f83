import { afterAll, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import type { Terms } from "../contract/terms.ts";
import { openTestDatabase, randomLectureId } from "../test/servers.ts";
import { UNREAD } from "./cache/writing-lecture.ts";
import { insertDraft } from "./draft.ts";
import { nextLectureId } from "./lecture-ids.ts";
import { projectTerms } from "./project.ts";

const catalogue = openTestDatabase("catalogue");
afterAll(() => catalogue.close());

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
  audience: ["physics"],
};

const draftOf = (id: string, creation: string) => {
  const texts = {
    title: "Light",
    speaker: "P",
    venue: "H",
    bio: "",
    category: "",
    description: "",
  };
  const words = { ...texts, host: "campus", posterUrl: null };
  return { id, words, terms: TERMS, createdBy: "u", creation };
};
const newCreation = () => crypto.randomUUID().replaceAll("-", "");

async function shown(id: string): Promise<RowDataPacket | undefined> {
  return await catalogue.withConnection(async (connection) => {
    const sql =
      "SELECT version, published, capacity, cancel_until AS cancelUntil FROM lecture WHERE id = ?";
    return (await connection.query<RowDataPacket[]>(sql, [id]))[0][0];
  });
}

test("nobody sees a draft until its terms are copied, and a copy only goes forward", async () => {
  const id = randomLectureId();
  await insertDraft(catalogue, UNREAD, draftOf(id, newCreation()));
  expect(await shown(id)).toMatchObject({ version: 0, published: 0 });
  const later = { ...TERMS, version: 3, capacity: 7, cancelUntilMs: 2_500 };
  await projectTerms(catalogue, UNREAD, id, later);
  const copied = { version: 3, published: 1, capacity: 7, cancelUntil: new Date(2_500) };
  expect(await shown(id)).toMatchObject(copied);
  await projectTerms(catalogue, UNREAD, id, { ...TERMS, version: 2 });
  expect(await shown(id)).toMatchObject(copied);
});

test("one creation makes one lecture", async () => {
  const creation = newCreation();
  await insertDraft(catalogue, UNREAD, draftOf(randomLectureId(), creation));
  const again = insertDraft(catalogue, UNREAD, draftOf(randomLectureId(), creation));
  await expect(again).rejects.toThrow("ER_DUP_ENTRY");
});

test("ids that are asked for at once are all different", async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => nextLectureId(catalogue)));
  expect(new Set(ids).size).toBe(20);
});
