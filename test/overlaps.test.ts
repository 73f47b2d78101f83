import { afterAll, beforeAll, expect, test } from "bun:test";
import { auditLectures } from "../proof/audit/check.ts";
import { readConfig } from "../proof/audit/config.ts";
import { openSources } from "../proof/audit/sources.ts";
import { type Program, runProgram } from "../proof/hostile/canaries/program.ts";
import { findFreePorts } from "../stack/ports.ts";
import { type ServedEdge, serveEdge } from "./edge-runtimes.ts";
import { eventually } from "./servers.ts";
import {
  json,
  openSystemDatabases,
  press,
  publishLecture,
  runningSystem,
  signIn,
} from "./system.ts";

/*
 * A deployment with OVERLAPS=refuse: an edge and an origin of this test's own, beside the system's.
 */
const databases = openSystemDatabases();
const { env } = runningSystem();
const port = await findFreePorts(1);
const originUrl = `http://127.0.0.1:${port}`;
let origin: Program;
let edge: ServedEdge;

beforeAll(async () => {
  const settings = { ...env, OVERLAPS: "refuse", ORIGIN_PORT: String(port), ORIGIN_URL: originUrl };
  origin = runProgram("origin/main.ts", settings);
  edge = await serveEdge("bun", settings);
  await eventually(
    "the origin is ready",
    async () => (await fetch(`${originUrl}/readyz`).catch(() => undefined))?.ok,
  );
});
afterAll(async () => {
  await edge.close();
  await origin.close();
  await databases.close();
});

const HOUR_MS = 3_600_000;

/** Publishes a lecture of one hour that starts so many hours from now. */
function lectureIn(hours: number): Promise<string> {
  const startsAt = new Date(Date.now() + hours * HOUR_MS);
  const endsAt = new Date(startsAt.getTime() + HOUR_MS);
  return publishLecture(databases, { title: `In ${hours} hours`, startsAt, endsAt });
}

async function ask(method: string, path: string, token: string, headers = {}) {
  const answer = await fetch(edge.url + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, Prefer: "wait=10", ...headers },
  });
  return { status: answer.status, body: await json(answer) };
}

const book = (lectureId: string, token: string) =>
  ask("POST", `/api/lectures/${lectureId}/reservations`, token, { "Idempotency-Key": "click" });

const remaining = async (lectureId: string) =>
  (await json(await fetch(`${edge.url}/api/lectures/${lectureId}/availability`)))["remaining"];

test("with OVERLAPS=refuse a student gets one seat at the same hours, and keeps it", async () => {
  const [first, second, later, third] = (await Promise.all([2, 2.5, 4, 1.5].map(lectureIn))) as [
    string,
    string,
    string,
    string,
  ];
  const token = await signIn();
  const seat = await book(first, token);
  expect(seat).toMatchObject({ status: 201, body: { status: "confirmed" } });
  const refused = await book(second, token);
  expect(refused).toMatchObject({
    status: 409,
    body: { code: "overlaps", overlaps: [{ lectureId: first, title: "In 2 hours" }] },
  });
  expect(await book(second, token)).toEqual({
    status: 409,
    body: { ...refused.body, instance: expect.anything() },
  });
  expect(await book(later, token)).toMatchObject({ status: 201 });
  await eventually("the refused seat is free again", async () => (await remaining(second)) === 10);

  await ask("DELETE", `/api/reservations/${seat.body["id"]}`, token);
  expect(await book(third, token)).toMatchObject({ status: 201 });

  const { body } = await ask("GET", "/api/me/reservations", token);
  const held = body["reservations"] as { lectureId: string; status: string }[];
  expect(Object.fromEntries(held.map(({ lectureId, status }) => [lectureId, status]))).toEqual({
    [first]: "cancelled",
    [second]: "rejected",
    [later]: "confirmed",
    [third]: "confirmed",
  });
  const sources = await openSources(readConfig(env));
  try {
    const lectureIds = [first, second, later, third];
    await eventually(
      "the audit is clean",
      async () => (await auditLectures(sources, { lectureIds })).clean,
    );
  } finally {
    await sources.close();
  }
});

test("beside it, the system as it comes tells an overlap and books it", async () => {
  const [first, second] = [await lectureIn(2), await lectureIn(2)];
  const token = await signIn();
  await press(first, token, "click");
  const both = await press(second, token, "click");
  expect([both.status, await json(both)]).toMatchObject([
    201,
    { status: "confirmed", overlaps: [{ lectureId: first }] },
  ]);
});
