import { expect, test } from "bun:test";
import { Keyring } from "../../../contract/keyring.ts";
import { sessionReader } from "../../../edge/session.ts";
import { newKeyring } from "../../../stack/secrets.ts";
import { studentMaker } from "./student.ts";

const keys = Keyring.parse(newKeyring(1));

test("the edge takes a student's token for a session of that student", async () => {
  const student = studentMaker(keys)();
  const session = await sessionReader(keys, () => false)(
    "http://edge/",
    new Headers({ Authorization: `Bearer ${student.token}` }),
  );
  expect(session).toMatchObject({ sub: student.userId, role: "student" });
});

test("no student comes twice, also from two makers", () => {
  const [one, other] = [studentMaker(keys), studentMaker(keys)];
  const made = Array.from({ length: 300 }, () => [one(), other()]).flat();
  expect(new Set(made.map(({ userId }) => userId)).size).toBe(600);
});
