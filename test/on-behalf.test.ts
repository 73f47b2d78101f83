import { afterAll, beforeAll, expect, test } from "bun:test";
import type { BookedReport } from "../contract/on-behalf.ts";
import { SignedIn } from "../contract/origin-api.ts";
import { auditLectures } from "../proof/audit/check.ts";
import { readConfig } from "../proof/audit/config.ts";
import { openSources } from "../proof/audit/sources.ts";
import { eventually } from "./servers.ts";
import {
  get,
  json,
  openSystemDatabases,
  press,
  publishLecture,
  runningSystem,
  signIn,
  signInOrganiser,
} from "./system.ts";

const databases = openSystemDatabases();
const { edgeUrl, env } = runningSystem();
let organiser: string;
beforeAll(async () => {
  organiser = await signInOrganiser();
});
afterAll(() => databases.close());

let numbers = 0;
const series = Math.floor(Math.random() * 1e9)
  .toString(36)
  .toUpperCase();

/** Student numbers that no other test uses. */
function newStudents(count: number): string[] {
  return Array.from({ length: count }, () => `${series}X${numbers++}`);
}

async function book(
  lectureId: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return await fetch(`${edgeUrl}/api/admin/lectures/${lectureId}/reservations`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${organiser}`,
      "Content-Type": "application/json",
      Prefer: "wait=10",
      ...headers,
    },
    body,
  });
}

async function bookAll(
  lectureId: string,
  studentNumbers: string[],
  headers: Record<string, string> = {},
): Promise<BookedReport> {
  const answer = await book(lectureId, JSON.stringify({ studentNumbers }), headers);
  expect([200, 202]).toContain(answer.status);
  return (await answer.json()) as BookedReport;
}

async function remaining(lectureId: string): Promise<unknown> {
  return (await json(await get(`/api/lectures/${lectureId}/availability`)))["remaining"];
}

async function tokenOf(studentNumber: string, groups: string[] = []): Promise<string> {
  const answer = await fetch(`${edgeUrl}/api/auth/demo`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ studentNumber, groups }),
  });
  return SignedIn.parse(await answer.json()).token;
}

test("students hold own seats; the same key books once, another finds them seated", async () => {
  const [lectureId, students] = [await publishLecture(databases), newStudents(3)];
  const first = await bookAll(lectureId, students, { "Idempotency-Key": "list" });
  expect(first).toMatchObject({ lectureId, counts: { confirmed: 3, refused: 0, pending: 0 } });
  expect(first.rows.map(({ row, studentNumber }) => [row, studentNumber])).toEqual(
    students.map((number, at) => [at + 1, number]),
  );
  expect(await bookAll(lectureId, students, { "Idempotency-Key": "list" })).toEqual(first);
  const other = await bookAll(lectureId, students, { "Accept-Language": "zh" });
  expect(other.rows[0]).toEqual({
    row: 1,
    studentNumber: students[0] as string,
    status: "refused",
    code: "already_reserved",
    message: "您已预约该讲座。",
    reservationId: first.rows[0]?.reservationId as string,
  });
  const [{ reservations }, seat] = [
    await json(await get("/api/me/reservations", await tokenOf(students[0] as string))),
    first.rows[0]?.reservationId,
  ];
  expect(reservations).toMatchObject([{ id: seat, lectureId, status: "confirmed" }]);
});

test("every spelling of a student is one booking; a wrong number spoils no other row", async () => {
  const lectureId = await publishLecture(databases);
  const [number = ""] = newStudents(1);
  const report = await bookAll(lectureId, [number, number.toLowerCase(), "no number", "１２"]);
  expect(report.rows).toMatchObject([
    { row: 1, status: "confirmed" },
    { row: 2, status: "confirmed", sameAs: 1, reservationId: report.rows[0]?.reservationId },
    { row: 3, status: "refused", code: "invalid_request" },
    { row: 4, status: "refused", code: "invalid_request" },
  ]);
  await eventually("one seat is taken", async () => (await remaining(lectureId)) === 9);
});

test("a file in GB18030 is booked by its column 学号", async () => {
  const [lectureId, students] = [await publishLecture(databases), newStudents(2)];
  // 姓名,学号
  const header = [0xd0, 0xd5, 0xc3, 0xfb, 0x2c, 0xd1, 0xa7, 0xba, 0xc5, 0x0d, 0x0a];
  const rows = students.map((number) => `a,${number}\r\n`).join("");
  const file = Uint8Array.of(...header, ...new TextEncoder().encode(rows));
  const answer = await book(lectureId, file, { "Content-Type": "text/csv" });
  expect(await json(answer)).toMatchObject({
    counts: { confirmed: 2 },
    rows: [{ row: 2, studentNumber: students[0] }, { row: 3 }],
  });
});

test("neither the window, nor the seats, nor the audience give way to an organiser", async () => {
  const nowMs = Date.now();
  const early = await publishLecture(databases, { opensAt: new Date(nowMs + 60_000) });
  const small = await publishLecture(databases, { capacity: 2 });
  const closed = await publishLecture(databases, { audience: ["physics"] });
  const codes = async (lectureId: string) => {
    const { rows } = await bookAll(lectureId, newStudents(4));
    return rows.map(({ status, code }) => code ?? status);
  };
  expect(await codes(early)).toEqual(Array(4).fill("not_open"));
  expect(await codes(small)).toEqual(["confirmed", "confirmed", "sold_out", "sold_out"]);
  expect(await codes(closed)).toEqual(Array(4).fill("not_eligible"));
});

test("an audience takes the students whose last sign-in names one of its groups", async () => {
  const lectureId = await publishLecture(databases, { audience: ["physics", "staff"] });
  const [inside = "", outside = "", moved = "", unseen = ""] = newStudents(4);
  await tokenOf(inside, ["staff", "chess"]);
  await tokenOf(outside, ["arts"]);
  await tokenOf(moved, ["physics"]);
  await tokenOf(moved, ["arts"]);
  const { rows } = await bookAll(lectureId, [inside, outside, moved, unseen, inside.toLowerCase()]);
  const refused = { status: "refused", code: "not_eligible" };
  const elsewhere = { ...refused, message: expect.stringContaining("you are in none of them") };
  expect(rows).toMatchObject([
    { status: "confirmed" },
    elsewhere,
    elsewhere,
    { ...refused, message: expect.stringContaining("has not signed in yet") },
    { status: "confirmed", sameAs: 1 },
  ]);
});

test("another host's organiser and a student find nothing, and no seat is touched", async () => {
  const [lectureId, students] = [await publishLecture(databases), newStudents(1)];
  const body = JSON.stringify({ studentNumbers: students });
  const as = async (token: string) => {
    const answer = await book(lectureId, body, { Authorization: `Bearer ${token}` });
    return [answer.status, (await json(answer))["code"]];
  };
  expect(await as(await signInOrganiser(["elsewhere"]))).toEqual([404, "lecture_not_found"]);
  expect(await as(await signIn())).toEqual([403, "forbidden"]);
  expect(await remaining(lectureId)).toBe(10);
});

test.each<[name: string, type: string, body: string, detail: string]>([
  ["an empty list", "application/json", '{"studentNumbers":[]}', "1 to 1000"],
  [
    "1,001 students",
    "application/json",
    JSON.stringify({ studentNumbers: Array(1_001).fill("2023") }),
    "1 to 1000",
  ],
  ["a file without such a column", "text/csv", "name\nx", "No column"],
  ["a file with broken quotes", "text/csv", '学号\n"2023', "at or before line 2"],
])("%s is refused, and says why", async (_name, type, body, detail) => {
  const answer = await book(await publishLecture(databases), body, { "Content-Type": type });
  expect([answer.status, await json(answer)]).toEqual([
    422,
    expect.objectContaining({ code: "invalid_request", detail: expect.stringContaining(detail) }),
  ]);
});

test("300 bookings on behalf in a rush: every seat has one owner, the audit is clean", async () => {
  const lectureId = await publishLecture(databases, { capacity: 200 });
  const [students, tokens] = [
    newStudents(300),
    await Promise.all(Array.from({ length: 150 }, signIn)),
  ];
  const halves = [students.slice(0, 150), students.slice(150)];
  const [presses, ...reports] = await Promise.all([
    Promise.all(tokens.map((token) => press(lectureId, token, "click", 20))),
    ...halves.map((half) =>
      bookAll(lectureId, half, { "Idempotency-Key": "rush", Prefer: "wait=20" }),
    ),
  ]);
  const pressed = presses.filter(({ status }) => status === 201).length;
  const booked = reports.reduce((sum, { counts }) => sum + (counts.confirmed ?? 0), 0);
  const codes = new Set(reports.flatMap(({ rows }) => rows.map(({ code }) => code)));
  codes.delete(undefined);
  expect([pressed + booked, [...codes]]).toEqual([200, ["sold_out"]]);
  const sources = await openSources(readConfig(env));
  try {
    await eventually("the audit is clean", async () => {
      const { clean } = await auditLectures(sources, { lectureIds: [lectureId] });
      return clean;
    });
  } finally {
    await sources.close();
  }
});

test("an organiser lists the seats and takes them as a file", async () => {
  const [lectureId, students] = [await publishLecture(databases), newStudents(3)];
  await bookAll(lectureId, students);
  const at = `/api/admin/lectures/${lectureId}/reservations`;
  const seen: unknown[] = [];
  let path: string | undefined = `${at}?limit=2`;
  while (path !== undefined) {
    const page: Record<string, unknown> = await json(await get(path, organiser));
    seen.push(
      ...(page["reservations"] as { studentNumber: string }[]).map((seat) => seat.studentNumber),
    );
    path = page["next"] as string | undefined;
  }
  expect(seen.toSorted()).toEqual(students.toSorted());
  const file = await fetch(edgeUrl + at, {
    headers: { Authorization: `Bearer ${organiser}`, Accept: "text/csv", "Accept-Language": "zh" },
  });
  expect(file.headers.get("content-disposition")).toBe(
    `attachment; filename="lecture-${lectureId}-reservations.csv"`,
  );
  const lines = Buffer.from(await file.arrayBuffer())
    .toString()
    .split("\r\n");
  expect(lines[0]).toBe("\uFEFF学号,状态,原因,预约编号,提交时间,决定时间");
  expect(
    lines
      .slice(1, -1)
      .map((line) => line.split(",")[0] ?? "")
      .toSorted(),
  ).toEqual(students.toSorted());
  const head = await fetch(edgeUrl + at, {
    method: "HEAD",
    headers: { Authorization: `Bearer ${organiser}`, Accept: "text/csv" },
  });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});
