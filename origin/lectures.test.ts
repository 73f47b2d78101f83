import { afterAll, expect, test } from "bun:test";
import { readListQuery } from "../contract/lecture-list.ts";
import { createLeftOutLog } from "../runtime/telemetry/left-out.ts";
import { insertLecture, type NewLecture } from "../stack/insert-lecture.ts";
import { withSenselessLecture } from "../test/senseless-lecture.ts";
import { openTestDatabase } from "../test/servers.ts";
import { deadlineIn } from "./deadline.ts";
import { type LectureReading, listLectures, readLecture } from "./lectures.ts";

const [database, catalogue] = [openTestDatabase(), openTestDatabase("catalogue")];
afterAll(() => Promise.all([database.close(), catalogue.close()]));

const HERE = { timeZone: "Asia/Shanghai", now: Date.now };
const READING = { catalogue, ...HERE, tellLeftOut: () => {} };

/** The ids of a list, from its first page to its last. */
async function everyPage(
  reading: LectureReading,
  given: Record<string, string> = {},
): Promise<string[]> {
  const ids: string[] = [];
  let query = readListQuery({ limit: "100", ...given });
  while (query) {
    const { page } = await listLectures(reading, query, deadlineIn(10_000));
    const { lectures, next } = page;
    ids.push(...lectures.map(({ id }) => id));
    query =
      next === undefined
        ? undefined
        : readListQuery(Object.fromEntries(new URL(next, "http://edge").searchParams));
  }
  return ids;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

test.each(["opens_at", "starts_at"] as const)(
  "a lecture whose %s is no date is left out of the list, and logged once",
  async (which) => {
    await withSenselessLecture({ database, catalogue }, which, async (lectureId) => {
      const told: unknown[] = [];
      const reading = {
        catalogue,
        ...HERE,
        tellLeftOut: createLeftOutLog({ error: (fields: unknown) => told.push(fields) }),
      };
      const sound = await insert({});
      const others = await everyPage(reading);
      await everyPage(reading);
      expect(others).toContain(sound);
      expect(others).not.toContain(lectureId);
      expect(await readLecture(reading, lectureId, deadlineIn(10_000))).toMatchObject({ json: "" });
      expect(told).toMatchObject([{ event: "lecture_left_out", lectureId }]);
    });
  },
);

/** A word that no other lecture of the test servers has. */
const newWord = () => `w${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;

/** Makes a lecture that is open and starts in ten days. */
async function insert(change: Partial<NewLecture>): Promise<string> {
  const nowMs = Date.now();
  return await insertLecture(
    { database, catalogue },
    {
      title: "Light",
      speaker: "P",
      venue: "H",
      opensAt: new Date(nowMs - HOUR_MS),
      closesAt: new Date(nowMs + DAY_MS),
      startsAt: new Date(nowMs + 10 * DAY_MS),
      endsAt: new Date(nowMs + 10 * DAY_MS + HOUR_MS),
      capacity: 4,
      ...change,
    },
  );
}

test("a lecture is read with words, terms and HTML; a list leaves out the long texts", async () => {
  const category = newWord();
  const id = await insert({
    category,
    bio: "From Jena",
    description: "*light* <script>alert(1)</script>",
    posterUrl: "https://example.org/p.png",
    audience: ["physics"],
  });
  const words = {
    id,
    category,
    host: { id: "campus", name: "校园 Campus" },
    posterUrl: "https://example.org/p.png",
    audience: ["physics"],
    version: 1,
    capacity: 4,
  };
  const { json, version } = await readLecture(READING, id, deadlineIn(10_000));
  expect(version).toBe(1);
  expect(JSON.parse(json)).toMatchObject({
    ...words,
    bio: "From Jena",
    descriptionHtml: "<p><em>light</em> &lt;script&gt;alert(1)&lt;/script&gt;</p>",
  });
  const query = readListQuery({ category });
  if (!query) throw new Error("unreachable");
  const { lectures } = (await listLectures(READING, query, deadlineIn(10_000))).page;
  expect(lectures).toMatchObject([words]);
  expect(Object.keys(lectures[0] ?? {})).not.toContain("descriptionHtml");
});

test("pages of any length hold every lecture once, soonest first, equal starts by id", async () => {
  const category = newWord();
  const startsAt = (days: number) =>
    new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS + days * DAY_MS);
  const inserted: [days: number, id: string][] = [];
  for (const days of [9, 5, 7, 5, 5, 8, 6])
    inserted.push([
      days,
      await insert({ category, startsAt: startsAt(days), endsAt: startsAt(days + 1) }),
    ]);
  const expected = inserted
    .toSorted(([a, x], [b, y]) => a - b || Number(x) - Number(y))
    .map(([, id]) => id);
  for (const limit of ["1", "2", "3", "6", "7", "8"])
    expect(await everyPage(READING, { category, limit })).toEqual(expected);
});

test("words anywhere, state, day at the campus, host and category narrow a list", async () => {
  const [word, category] = [newWord(), newWord()];
  const nowMs = Date.now();
  const inMs = (ms: number) => new Date(nowMs + ms);
  const at = { category, startsAt: inMs(2 * DAY_MS), endsAt: inMs(2 * DAY_MS + HOUR_MS) };
  const open = await insert({ ...at, title: `量子 100%_${word.toUpperCase()} light` });
  const upcoming = await insert({ ...at, speaker: word, opensAt: inMs(HOUR_MS) });
  const closed = await insert({ ...at, venue: word, closesAt: inMs(-60_000) });
  const begun = await insert({ category, startsAt: inMs(-60_000), endsAt: inMs(HOUR_MS) });
  const cancelled = await insert(at);
  await catalogue.withConnection((connection) =>
    connection.query("UPDATE lecture SET cancelled = TRUE WHERE id = ?", [cancelled]),
  );
  const over = await insert({
    category,
    opensAt: inMs(-9 * DAY_MS),
    startsAt: inMs(-3 * DAY_MS),
    endsAt: inMs(-3 * DAY_MS + HOUR_MS),
  });
  const dayOf = (ms: number) => new Date(nowMs + ms + 8 * HOUR_MS).toISOString().slice(0, 10);
  const cases: [given: Record<string, string>, ids: string[]][] = [
    [{ category }, [begun, open, upcoming, closed, cancelled]],
    [{ q: word }, [open, upcoming, closed]],
    [{ q: `100%_${word}` }, [open]],
    [{ q: `100__${word}` }, []],
    [{ q: category, state: "open" }, [open]],
    [{ category, state: "upcoming" }, [upcoming]],
    [{ category, state: "closed" }, [begun, closed]],
    [{ category, state: "cancelled" }, [cancelled]],
    [{ category, day: dayOf(-3 * DAY_MS) }, [over]],
    [{ category, day: dayOf(2 * DAY_MS) }, [open, upcoming, closed, cancelled]],
    [{ category, host: "campus", q: word, state: "closed" }, [closed]],
    [{ category, host: "nobody" }, []],
  ];
  for (const [given, ids] of cases)
    expect([given, await everyPage(READING, given)]).toEqual([given, ids]);
});
