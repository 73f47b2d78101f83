import { afterAll, beforeAll, expect, test } from "bun:test";
import { insertLecture } from "../../stack/insert-lecture.ts";
import { openTestOrigin, type TestOrigin } from "../../test/rooms/origin.ts";
import { eventually, openTestDatabase } from "../../test/servers.ts";

let origin: TestOrigin;
const database = openTestDatabase();
const catalogue = openTestDatabase("catalogue");
beforeAll(async () => {
  origin = await openTestOrigin();
});
afterAll(async () => {
  await origin.close();
  await database.close();
  await catalogue.close();
});

const HOUR_MS = 3_600_000;
/** `insertLecture` makes lectures of the host campus. */
const ORGANISER = "by=s-1&role=organiser&hosts=campus";
const STRANGER = "by=s-1&role=organiser&hosts=elsewhere";

/** A lecture long over: no loader of another test has to load its 100,000 decisions. */
function newLecture(): Promise<string> {
  const nowMs = Date.now() - 40 * 24 * HOUR_MS;
  return insertLecture(
    { database, catalogue },
    {
      title: "Light",
      speaker: "P",
      venue: "H",
      opensAt: new Date(nowMs - HOUR_MS),
      closesAt: new Date(nowMs + HOUR_MS),
      startsAt: new Date(nowMs + 2 * HOUR_MS),
      endsAt: new Date(nowMs + 3 * HOUR_MS),
      capacity: 200_000,
    },
  );
}

/** Rows of students `<prefix><at>`; every tenth is rejected. */
async function fill(lectureId: string, count: number, prefix = "2023"): Promise<void> {
  const sql = `
    INSERT INTO reservation (lecture_id, rid, user_id, status, reason, claimed_at, decided_at)
    WITH RECURSIVE n (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at + 1 < ${count})
    SELECT ?, CONCAT(?, '-', MD5(CONCAT(?, at))), CONCAT('s-', ?, LPAD(at, 6, '0')),
           IF(at % 10 = 0, 'rejected', 'confirmed'), IF(at % 10 = 0, 'sold_out', NULL),
           '2026-11-28 04:00:00', '2026-11-28 04:00:01'
      FROM n`;
  await database.withConnection(async (connection) => {
    await connection.query("SET SESSION max_recursive_iterations = 1000000");
    await connection.query(sql, [lectureId, lectureId, prefix, prefix]);
  });
}

interface Page {
  reservations: { id: string; studentNumber: string; status: string }[];
  more?: string;
}

async function pageOf(lectureId: string, rest: string, who = ORGANISER): Promise<Page> {
  const { body } = await origin.ask(`/admin/lectures/${lectureId}/reservations?${who}${rest}`);
  return body as unknown as Page;
}

test("pages by id hold each reservation once; status and a number's beginning narrow", async () => {
  const lectureId = await newLecture();
  await fill(lectureId, 45);
  await fill(lectureId, 5, "A9");
  const seen: string[] = [];
  let after = "";
  do {
    const page = await pageOf(lectureId, `&limit=20${after && `&after=${after}`}`);
    seen.push(...page.reservations.map(({ id }) => id));
    after = page.more ?? "";
  } while (after);
  expect([seen.length, new Set(seen).size]).toEqual([50, 50]);
  expect(seen).toEqual(seen.toSorted());
  const rejected = await pageOf(lectureId, "&status=rejected");
  expect(rejected.reservations.map(({ status }) => status)).toEqual(Array(6).fill("rejected"));
  expect(rejected.reservations[0]).toMatchObject({
    reason: "sold_out",
    claimedAt: "2026-11-28T04:00:00.000Z",
  });
  const found = await pageOf(lectureId, "&student=a9");
  expect(found.reservations.map(({ studentNumber }) => studentNumber).sort()).toEqual(
    [0, 1, 2, 3, 4].map((at) => `A900000${at}`),
  );
  const one = await pageOf(lectureId, `&student=${encodeURIComponent("２０２３００００４４")}`);
  expect(one.reservations.map(({ studentNumber }) => studentNumber)).toEqual(["2023000044"]);
});

test("the lecture of another host has no reservations to see, to export or to book", async () => {
  const lectureId = await newLecture();
  const at = `/admin/lectures/${lectureId}`;
  const list = { studentNumbers: ["20230001"] };
  for (const [path, body] of [
    [`${at}/reservations?${STRANGER}`],
    [`${at}/reservations.csv?${STRANGER}`],
    [`${at}/students?${STRANGER}`, list],
  ] as const)
    expect(await origin.ask(path, { body })).toMatchObject({
      status: 404,
      body: { code: "lecture_not_found" },
    });
  expect((await origin.ask(`${at}/students?${ORGANISER}`, { body: list })).body).toEqual({
    students: [{ line: 1, studentNumber: "20230001" }],
  });
});

test.each(["limit=0", "limit=201", "status=held", "student=%25", "student=", "after=7"])(
  "a list asked for with %s is refused",
  async (query) => {
    const lectureId = await newLecture();
    const { status } = await origin.ask(
      `/admin/lectures/${lectureId}/reservations?${ORGANISER}&${query}`,
    );
    expect(status).toBe(422);
  },
);

test("a file has Excel's mark, the reader's header, campus times and guarded cells", async () => {
  const lectureId = await newLecture();
  await database.withConnection((connection) =>
    connection.query(
      "INSERT INTO reservation VALUES (?, ?, '-1+1', 'confirmed', NULL, ?, ?, DEFAULT)",
      [
        lectureId,
        `${lectureId}-${"0".repeat(32)}`,
        "2026-11-28 04:00:00.123",
        "2026-11-28 16:00:01",
      ],
    ),
  );
  const read = async (language: string) => {
    const path = `/admin/lectures/${lectureId}/reservations.csv?${ORGANISER}&language=${language}`;
    const answer = await origin.send(path);
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    return Buffer.from(await answer.arrayBuffer()).toString();
  };
  const rid = `${lectureId}-${"0".repeat(32)}`;
  const row = `'-1+1,confirmed,,${rid},2026-11-28 12:00:00,2026-11-29 00:00:01\r\n`;
  expect(await read("en")).toBe(
    `\uFEFFstudent_number,status,reason,reservation_id,claimed_at,decided_at\r\n${row}`,
  );
  expect(await read("zh")).toBe(`\uFEFF学号,状态,原因,预约编号,提交时间,决定时间\r\n${row}`);
});

test("100,000 reservations are read page by page as taken, until their reader leaves", async () => {
  const lectureId = await newLecture();
  await fill(lectureId, 100_000);
  const pages = countPages();
  const path = `/admin/lectures/${lectureId}/reservations.csv?${ORGANISER}`;
  const whole = await origin.send(path);
  let lines = 0;
  for await (const chunk of whole.body as ReadableStream<Uint8Array>) {
    expect(chunk.length).toBeLessThan(200_000);
    for (const byte of chunk) if (byte === 10) lines += 1;
  }
  expect([lines, pages.count()]).toEqual([100_001, 100]);

  const slow = (await origin.send(path)).body as ReadableStream<Uint8Array>;
  const reader = slow.getReader();
  await reader.read();
  await Bun.sleep(200);
  expect(pages.count() - 100).toBeLessThan(5);
  await reader.cancel();
  const taken = pages.count();
  await Bun.sleep(200);
  expect(pages.count()).toBe(taken);
});

/** Counts the pages that are read from now on. */
function countPages(): { count(): number } {
  const { deps } = origin;
  let count = 0;
  const { withConnection } = deps.database;
  deps.database.withConnection = (work, timeoutMs) => {
    count += 1;
    return withConnection(work, timeoutMs);
  };
  return { count: () => count };
}

test("where MySQL goes away the file breaks instead of ending early, and is logged", async () => {
  const lectureId = await newLecture();
  await fill(lectureId, 5_000);
  const path = `/admin/lectures/${lectureId}/reservations.csv?${ORGANISER}`;
  const reader = ((await origin.send(path)).body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  origin.wires.mySql.cut();
  const rest = (async () => {
    while (!(await reader.read()).done);
  })();
  expect(
    await rest.then(
      () => "whole",
      () => "broken",
    ),
  ).toBe("broken");
  expect(origin.logged).toContainEqual(expect.objectContaining({ event: "file_broken" }));
  // The first page is read before the answer begins: an outage is a refusal, and no empty file.
  expect((await origin.ask(path)).status).toBe(503);
  origin.wires.mySql.mend();
  await eventually("MySQL is asked again", async () => (await origin.send(path)).status === 200);
});
