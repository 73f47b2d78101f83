import { expect, test } from "bun:test";
import { Hono } from "hono";
import { Keyring } from "../../../contract/keyring.ts";
import type { EdgeEnv } from "../../../edge/context.ts";
import { requireSession, sessionReader } from "../../../edge/session.ts";
import { newKeyring } from "../../../stack/secrets.ts";
import { studentMaker } from "./student.ts";

const keys = Keyring.parse(newKeyring(1));

test("the edge takes a student's token for a session of that student", async () => {
  const student = studentMaker(keys)();
  const app = new Hono<EdgeEnv>();
  app.get("/", requireSession(sessionReader(keys)), (c) => c.json(c.var.session));
  const answer = await app.request("/", { headers: { Authorization: `Bearer ${student.token}` } });
  expect(await answer.json()).toMatchObject({ sub: student.userId, role: "student" });
});

test("no student comes twice, also from two makers", () => {
  const [one, other] = [studentMaker(keys), studentMaker(keys)];
  const made = Array.from({ length: 300 }, () => [one(), other()]).flat();
  expect(new Set(made.map(({ userId }) => userId)).size).toBe(600);
});
