import { expect, test } from "bun:test";
import { lectureHeader, lectureRecord } from "./lecture-columns.ts";
import { type LectureFile, readLectures } from "./read-lectures.ts";
import { writeRecord } from "./write.ts";

const CAMPUS = "Asia/Shanghai";
const utf8 = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readLectures(utf8(text), CAMPUS);

const HEADER = "host,title,speaker,venue,starts_at,ends_at,opens_at,capacity";
const ROW = "physics,Light,P,Hall 1,2026-12-31 19:00,2026-12-31 21:00,2026-12-01 08:00,100";

function faultsOf(text: string): [row: number, field: string | undefined, en: string][] {
  const found = read(text);
  if (!("faults" in found)) throw new Error("the file was read");
  return found.faults.map(({ row, field, en }) => [row, field, en]);
}

test("times without an offset are the campus', as people and spreadsheets write them", () => {
  const written = [
    "2026-12-31 19:00",
    "2026/12/31 19:00",
    "2026-12-31T19:00:00",
    "2026-12-31T19:00:00+08:00",
    "2026-12-31T11:00:00Z",
  ];
  for (const starts of written) {
    const { rows } = read(`${HEADER}\n${ROW.replace("2026-12-31 19:00", starts)}`) as LectureFile;
    expect(rows[0]?.change.startsAtMs).toBe(Date.UTC(2026, 11, 31, 11));
  }
  const { rows } = read(
    `${HEADER}\n${ROW.replace("2026-12-01 08:00", "2026/1/5 8:05")}`,
  ) as LectureFile;
  expect(rows[0]?.change.opensAtMs).toBe(Date.UTC(2026, 0, 5, 0, 5));
});

test("what a row omits is as in a request: booking ends at the start, unpublished", () => {
  const { rows } = read(`${HEADER}\n${ROW}`) as LectureFile;
  expect(rows).toEqual([
    {
      row: 2,
      id: undefined,
      cancelled: false,
      words: {
        host: "physics",
        title: "Light",
        speaker: "P",
        venue: "Hall 1",
        bio: "",
        category: "",
        posterUrl: null,
        description: "",
      },
      change: {
        create: true,
        startsAtMs: Date.UTC(2026, 11, 31, 11),
        endsAtMs: Date.UTC(2026, 11, 31, 13),
        opensAtMs: Date.UTC(2026, 11, 1),
        closesAtMs: Date.UTC(2026, 11, 31, 11),
        cancelUntilMs: null,
        capacity: 100,
        audience: [],
        published: false,
      },
    },
  ]);
});

test("the columns have Chinese names, too, in any order, and groups and words for yes", () => {
  const file =
    "已发布,标题,名额,主讲人,地点,主办方,预约开始,开始时间,结束时间,面向群体\n" +
    "是,光,3,王,一号厅,physics,2026/12/1 8:00,2026/12/31 19:00,2026/12/31 21:00,物理系；staff;";
  const { rows } = read(file) as LectureFile;
  expect(rows[0]).toMatchObject({
    words: { title: "光", venue: "一号厅" },
    change: { published: true, capacity: 3, audience: ["物理系", "staff"] },
  });
});

test("every fault of every row is told, by line and by the column's own name", () => {
  const bad = "Physics!,,P,Hall 1,tomorrow,2026-12-31 21:00,2026-12-01 08:00,many";
  const late = ROW.replace("19:00", "22:00");
  expect(faultsOf(`${HEADER}\n${ROW}\n\n${bad}\n${late}`)).toEqual([
    [4, "host", "host must be the id of a host: 1 to 32 small letters, digits and dashes."],
    [4, "title", "title must be 1 to 200 characters in one line."],
    [4, "starts_at", "starts_at must be a time as 2026-12-31T19:00:00+08:00."],
    [4, "capacity", "capacity must be a whole number from 0 to 4294967295."],
    [
      5,
      undefined,
      "A lecture opens before it closes and before it starts, and starts before it ends.",
    ],
  ]);
});

test.each<[name: string, file: string, fault: [number, string | undefined, string]]>([
  ["no line", "", [0, undefined, "The file has no lecture."]],
  ["a header alone", `${HEADER}\n`, [0, undefined, "The file has no lecture."]],
  [
    "501 lectures",
    `${HEADER}\n${`${ROW}\n`.repeat(501)}`,
    [0, undefined, "The file has more than 500 lectures."],
  ],
  ["an unknown column", `${HEADER},seats\n${ROW},1`, [1, "seats", "No column is called so."]],
  ["a column twice", `${HEADER},名额\n${ROW},1`, [1, "名额", "This column is there twice."]],
  [
    "a column missing",
    `${HEADER.replace(",capacity", "")}\n${ROW}`,
    [1, "capacity", "A column capacity or 名额 is needed."],
  ],
  [
    "broken quotes",
    `${HEADER}\n"${ROW}`,
    [2, undefined, "The quotes in this line or before do not match."],
  ],
  [
    "a cell too many",
    `${HEADER}\n${ROW},x`,
    [2, undefined, "The row has more cells than the header has columns."],
  ],
  [
    "a new lecture that is cancelled",
    `${HEADER},cancelled\n${ROW},yes`,
    [2, "cancelled", "A new lecture is not cancelled."],
  ],
])("a file with %s is refused", (_name, file, fault) => {
  expect(faultsOf(file)).toEqual([fault]);
});

test("bytes of no text are refused, and columns that a spreadsheet left empty are not", () => {
  expect(readLectures(Uint8Array.of(0xff, 0xff), CAMPUS)).toMatchObject({ faults: [{ row: 0 }] });
  expect(read(`${HEADER},,\n${ROW},,\n,,,,,,,,,`)).toMatchObject({ rows: [{ row: 2 }] });
});

test.each(["en", "zh"] as const)(
  "what is written in %s reads back as the same lecture, to the millisecond",
  (language) => {
    const words = {
      host: "physics",
      title: '=1+1, "Light"',
      speaker: "王",
      bio: "  indented\r\nlines",
      category: "",
      venue: "'H",
      posterUrl: null,
      description: "    code\n\n* a, b\n",
    };
    const terms = {
      version: 3,
      published: true,
      cancelled: true,
      opensAtMs: 1_700_000_000_001,
      closesAtMs: 1_700_000_060_000,
      startsAtMs: 1_700_000_120_000,
      endsAtMs: 1_700_000_180_999,
      cancelUntilMs: 1_700_000_000_002,
      capacity: 7,
      audience: ["物理系", "staff"],
    };
    const file =
      writeRecord(lectureHeader(language)) +
      writeRecord(lectureRecord({ id: "7", words, terms }, { language, timeZone: CAMPUS }));
    const { version: _, cancelled, ...change } = terms;
    expect(read(file)).toMatchObject({
      rows: [{ id: "7", words, cancelled, change: { create: true, ...change } }],
    });
  },
);
