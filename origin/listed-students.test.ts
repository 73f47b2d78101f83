import { afterAll, expect, test } from "bun:test";
import { insertLecture } from "../stack/insert-lecture.ts";
import { openTestOrigin } from "../test/rooms/origin.ts";
import { randomLectureId } from "../test/servers.ts";

const origin = await openTestOrigin();
afterAll(() => origin.close());

const HOUR_MS = 3_600_000;

async function lectureOf(audience: string[]): Promise<string> {
  const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
  return await insertLecture(origin.deps, {
    id: randomLectureId(),
    title: "Light",
    speaker: "P",
    venue: "H",
    opensAt: at(-1),
    closesAt: at(1),
    startsAt: at(2),
    endsAt: at(3),
    capacity: 5,
    audience,
  });
}

const list = (lectureId: string, studentNumbers: string[]) =>
  origin.ask(`/admin/lectures/${lectureId}/students?by=o1&role=organiser&hosts=campus`, {
    body: { studentNumbers },
  });

const number = () => `8${randomLectureId()}`;

const signIn = (studentNumber: string, groups: string[]) =>
  origin.ask("/auth/demo", { body: { studentNumber, groups } });

test("students come with the groups of their last sign-in where there is an audience", async () => {
  const [inTwo, inNone, unseen] = [`${number()}a`, number(), number()];
  await signIn(inTwo.toUpperCase(), ["物理系", "staff"]);
  await signIn(inNone, []);
  const lectureId = await lectureOf(["物理系"]);
  const { body } = await list(lectureId, [inTwo, "no number", inNone, unseen, inTwo]);
  expect(body["students"]).toMatchObject([
    { line: 1, studentNumber: inTwo, groups: ["物理系", "staff"] },
    { line: 2, groups: null },
    { line: 3, groups: [] },
    { line: 4, groups: null },
    { line: 5, groups: ["物理系", "staff"] },
  ]);
});

test("of 250 students each gets their own groups", async () => {
  const students = Array.from({ length: 250 }, number);
  const seen = students.filter((_, at) => at % 50 === 0);
  await Promise.all(seen.map((student) => signIn(student, [`g-${student}`])));
  const { body } = await list(await lectureOf(["staff"]), students);
  const listed = body["students"] as { studentNumber: string; groups: string[] | null }[];
  expect(listed.map(({ groups }) => groups)).toEqual(
    students.map((student, at) => (at % 50 === 0 ? [`g-${student}`] : null)),
  );
});

test("groups that nobody has written, or nobody can read, are none", async () => {
  const [before, broken] = [number(), number()];
  for (const [student, groups] of [
    [before, null],
    [broken, "{"],
  ]) {
    await signIn(String(student), ["staff"]);
    await origin.deps.people.withConnection((connection) =>
      connection.query("UPDATE person SET `groups` = ? WHERE id = ?", [groups, `s-${student}`]),
    );
  }
  const { body } = await list(await lectureOf(["staff"]), [before, broken]);
  expect(body["students"]).toMatchObject([{ groups: null }, { groups: null }]);
});

test("without the people's schema only lectures without an audience are booked for", async () => {
  const [closed, open] = [await lectureOf(["staff"]), await lectureOf([])];
  const student = number();
  origin.wires.people.cut();
  const [refused, listed] = [await list(closed, [student]), await list(open, [student])];
  origin.wires.people.mend();
  expect([refused.status, refused.body["code"]]).toEqual([503, "unavailable"]);
  expect(listed.body["students"]).toEqual([{ line: 1, studentNumber: student }]);
});
