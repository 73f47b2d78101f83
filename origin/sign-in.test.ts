import { afterAll, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import type { RowDataPacket } from "mysql2/promise";
import { openTestOrigin } from "../test/rooms/origin.ts";
import { randomLectureId } from "../test/servers.ts";

const origin = await openTestOrigin();
const { deps } = origin;
afterAll(() => origin.close());

const signIn = (studentNumber: string, wanted: object = {}) =>
  origin.ask("/auth/demo", { body: { studentNumber, ...wanted } });

/** The claims of the session that a sign-in gives, or its status. */
async function claimsOf(studentNumber: string, wanted: object = {}) {
  const { status, body } = await signIn(studentNumber, wanted);
  return status === 200 ? decodeJwt(String(body["token"])) : status;
}

/** The person rows of a number and its user id. */
function people(number: string): Promise<RowDataPacket[]> {
  return deps.people.withConnection(async (connection) => {
    const sql =
      "SELECT student_number, created_at, signed_in_at, `groups` FROM person " +
      "WHERE id = ? OR student_number = ?";
    return (await connection.query<RowDataPacket[]>(sql, [`s-${number}`, number]))[0];
  });
}

test("a student is one person in every spelling; only the last sign-in changes", async () => {
  const number = `9${randomLectureId()}`;
  expect((await signIn(`${number}A`)).status).toBe(200);
  const [first] = await people(`${number}A`);
  expect(first).toMatchObject({ student_number: `${number}A` });
  await Bun.sleep(2);
  expect((await signIn(`${number}a`)).status).toBe(200);
  const again = await people(`${number}A`);
  expect(again).toHaveLength(1);
  expect(again[0]?.["created_at"]).toEqual(first?.["created_at"]);
  expect(Number(again[0]?.["signed_in_at"])).toBeGreaterThan(Number(first?.["signed_in_at"]));
});

test("a person is in the groups of the last sign-in, and in no others", async () => {
  const number = `9${randomLectureId()}`;
  for (const groups of [["物理系", "staff"], ["art"], undefined]) {
    await signIn(number, groups && { groups });
    const [person] = await people(number);
    expect(JSON.parse(person?.["groups"])).toEqual(groups ?? []);
  }
});

test("demo sign-in exists only where it is switched on", async () => {
  expect(await signIn("20230001")).toMatchObject({
    status: 200,
    body: { token: expect.any(String) },
  });
  deps.demoLogin = false;
  const strict = await signIn("20230001");
  deps.demoLogin = true;
  expect(strict.status).toBe(404);
});

test("demo sign-in names a role, hosts and groups, and an old client none of them", async () => {
  const asked = { role: "organiser", hosts: ["physics", "art"], groups: ["物理系", "staff"] };
  expect(await claimsOf("20230001", asked)).toMatchObject(asked);
  const plain = await claimsOf("20230001");
  expect(plain).toMatchObject({ role: "student" });
  expect(Object.keys(plain)).not.toContainAnyValues(["hosts", "groups"]);
  for (const wrong of [{ role: "root" }, { hosts: ["A"] }, { hosts: "art" }, { groups: [""] }])
    expect(await claimsOf("20230001", wrong)).toBe(422);
});

test("all spellings of a number sign one user in, as STUDENT_NUMBER_CASE says", async () => {
  const subjects = async () => {
    const spellings = ["ab12cd", "AB12CD", "ａｂ１２Ｃd"];
    const claims = await Promise.all(spellings.map((spelling) => claimsOf(spelling)));
    return new Set(claims.map((claim) => (typeof claim === "object" ? claim.sub : claim)));
  };
  expect(await subjects()).toEqual(new Set(["s-AB12CD"]));
  deps.studentNumberCase = "lower";
  const lower = await subjects();
  deps.studentNumberCase = "upper";
  expect(lower).toEqual(new Set(["s-ab12cd"]));
});
