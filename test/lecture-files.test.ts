import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ImportReport } from "../contract/lecture-file.ts";
import {
  get,
  json,
  openSystemDatabases,
  press,
  runningSystem,
  signIn,
  signInOrganiser,
} from "./system.ts";

const databases = openSystemDatabases();
const { edgeUrl } = runningSystem();
const HOST = `h-${crypto.randomUUID().slice(0, 8)}`;
let organiser: string;
beforeAll(async () => {
  organiser = await signInOrganiser([HOST]);
  await databases.catalogue.withConnection((connection) =>
    connection.query("INSERT INTO host VALUES (?, ?, UTC_TIMESTAMP(3))", [HOST, "物理系"]),
  );
});
afterAll(() => databases.close());

const HEADER = "host,title,speaker,venue,starts_at,ends_at,opens_at,capacity,published,description";

function row(title: string, rest = `100,yes,"*Light*, and ""quanta"""`): string {
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  return `${HOST},${title},王 Wang,Hall 1,${at(2)},${at(3)},${at(-1)},${rest}`;
}

/** A title that no other test uses. */
const newTitle = () => `Light ${crypto.randomUUID().slice(0, 8)}`;

async function send(
  file: string | Uint8Array<ArrayBuffer>,
  { key, query = "", ...headers }: { key?: string; query?: string; [header: string]: string } = {},
): Promise<Response> {
  return await fetch(`${edgeUrl}/api/admin/lectures/import${query}`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${organiser}`,
      "Content-Type": "text/csv",
      ...(key !== undefined && { "Idempotency-Key": key }),
      ...headers,
    },
    body: file,
  });
}

/** Sends the file until it says that nothing is left to make. */
async function importAll(
  file: string | Uint8Array<ArrayBuffer>,
  key: string,
): Promise<ImportReport> {
  for (;;) {
    const answer = await send(file, { key });
    const report = (await answer.json()) as ImportReport;
    if (answer.status !== 202) return report;
  }
}

async function titlesOf(q: string): Promise<string[]> {
  const page = await json(await get(`/api/admin/lectures?q=${encodeURIComponent(q)}`, organiser));
  return (page["lectures"] as { title: string }[]).map(({ title }) => title);
}

test("a file makes lectures that can be booked; the same key again makes one set", async () => {
  const titles = [newTitle(), newTitle(), newTitle()];
  const file = `${HEADER}\n${titles.map((title) => row(title)).join("\n")}\n`;
  const key = crypto.randomUUID();
  const dry = await send(file, { query: "?dryRun=1" });
  expect([dry.status, await json(dry)]).toMatchObject([
    200,
    { dryRun: true, counts: { valid: 3 } },
  ]);
  expect(await titlesOf(titles[0] as string)).toEqual([]);
  const first = await importAll(file, key);
  expect(first).toMatchObject({ dryRun: false, counts: { made: 3 } });
  expect(first.rows.map(({ row: line, title }) => [line, title])).toEqual(
    titles.map((title, at) => [at + 2, title]),
  );
  expect(await importAll(file, key)).toEqual(first);
  for (const title of titles) expect(await titlesOf(title)).toEqual([title]);
  const id = first.rows[0]?.id as string;
  const lecture = await json(await get(`/api/lectures/${id}`));
  expect(lecture).toMatchObject({ speaker: "王 Wang", host: { id: HOST, name: "物理系" } });
  expect(lecture["descriptionHtml"]).toContain("<em>Light</em>");
  const until = Date.now() + 10_000;
  while (!(await get(`/api/lectures/${id}/availability`)).ok && Date.now() < until)
    await Bun.sleep(50);
  expect((await press(id, await signIn(), "click")).status).toBe(201);
});

test("two tries of one import at the same time make one set", async () => {
  const title = newTitle();
  const rows = Array.from({ length: 6 }, (_, at) => row(`${title} ${at}`));
  const file = [HEADER, ...rows].join("\n");
  const key = crypto.randomUUID();
  const [one, other] = await Promise.all([importAll(file, key), importAll(file, key)]);
  expect(one.counts).toMatchObject({ made: 6 });
  expect(other).toEqual(one);
  expect((await titlesOf(title)).length).toBe(6);
});

test("a wrong row of GB18030 makes nothing, and says where in the reader's language", async () => {
  // 主办方,标题,主讲人,地点,开始时间,结束时间,预约开始,名额
  const header = Buffer.from(
    "d6f7b0ecb7bd2cb1eacce22cd6f7bdb2c8cb2cb5d8b5e32cbfaacabccab1bce42c" +
      "bde1caf8cab1bce42cd4a4d4bcbfaacabc2cc3fbb6ee0a",
    "hex",
  );
  const title = newTitle();
  const good = row(title, "100").replace("王 Wang", "W");
  const wrong = row(title, "many").replace("王 Wang", "W").replace("Hall 1", "");
  const file = Uint8Array.from(Buffer.concat([header, Buffer.from(`${good}\n${wrong}\n`)]));
  const answer = await send(file, { key: crypto.randomUUID(), "Accept-Language": "zh" });
  expect([answer.status, await json(answer)]).toEqual([
    422,
    expect.objectContaining({
      code: "invalid_import",
      faults: 2,
      rows: [
        { row: 3, field: "地点", reason: "地点 须为一行 1 至 200 个字符。" },
        { row: 3, field: "名额", reason: "名额 须为0 至 4294967295 的整数。" },
      ],
    }),
  ]);
  expect(await titlesOf(title)).toEqual([]);
});

test("a row of another host spoils the file, and so does a lecture that nobody knows", async () => {
  const title = newTitle();
  const foreign = row(title).replace(HOST, "campus");
  const answer = await send(`${HEADER}\n${row(title)}\n${foreign}\n`, { key: "k" });
  expect(await json(answer)).toMatchObject({
    code: "invalid_import",
    rows: [{ row: 3, field: "host" }],
  });
  const unknown = await send(`id,${HEADER}\n999999999999999,${row(title)}\n`, { key: "k" });
  expect(await json(unknown)).toMatchObject({
    code: "invalid_import",
    rows: [{ row: 2, field: "id" }],
  });
  expect(await titlesOf(title)).toEqual([]);
});

test("a key that stands for another file is refused before anything is made", async () => {
  const [one, other] = [newTitle(), newTitle()];
  const key = crypto.randomUUID();
  await importAll(`${HEADER}\n${row(one)}\n`, key);
  const answer = await send(`${HEADER}\n${row(other)}\n`, { key });
  expect([answer.status, (await json(answer))["code"]]).toEqual([422, "key_reused"]);
  expect(await titlesOf(other)).toEqual([]);
});

test.each(["en", "zh"])(
  "lectures exported in %s and imported again change nothing",
  async (language) => {
    const title = `${newTitle()} "quoted", 光`;
    const quoted = row("x").replace("x", `"${title.replaceAll('"', '""')}"`);
    await importAll(
      `${HEADER}\n${quoted}\n${row(newTitle(), "5,no,'=1+1")}\n`,
      crypto.randomUUID(),
    );
    const exported = async () => {
      const answer = await fetch(`${edgeUrl}/api/admin/lectures/export`, {
        headers: { Authorization: `Bearer ${organiser}`, "Accept-Language": language },
      });
      expect(answer.headers.get("content-disposition")).toBe('attachment; filename="lectures.csv"');
      return Buffer.from(await answer.arrayBuffer()).toString();
    };
    const before = await exported();
    expect(before).toContain(",'=1+1\r\n");
    const report = await importAll(before, crypto.randomUUID());
    expect(Object.entries(report.counts).filter(([, count]) => count > 0)).toEqual([
      ["unchanged", report.rows.length],
    ]);
    expect(await exported()).toBe(before);
    const changed = before.replace("Hall 1", "Hall 2");
    const refused = await send(changed, { key: crypto.randomUUID() });
    expect(await json(refused)).toMatchObject({ code: "invalid_import", faults: 1 });
  },
);

test("an import without a key, of another type, or with an unknown dryRun is refused", async () => {
  const file = `${HEADER}\n${row(newTitle())}\n`;
  const codes = [
    await send(file),
    await send(file, { key: "k", "Content-Type": "application/json" }),
    await send(file, { key: "k", query: "?dryRun=yes" }),
    await send(file, { key: "k", "Content-Encoding": "gzip" }),
    await send("x".repeat(1_048_577), { key: "k" }),
  ].map(async (answer) => [answer.status, (await json(answer))["code"]]);
  expect(await Promise.all(codes)).toEqual([
    [422, "invalid_request"],
    [415, "unsupported_media_type"],
    [422, "invalid_request"],
    [415, "unsupported_media_type"],
    [413, "body_too_large"],
  ]);
});
