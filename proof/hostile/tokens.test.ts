import { afterAll, beforeAll, expect, test } from "bun:test";
import { SESSION_COOKIE } from "../../contract/session.ts";
import { loadOpenLecture, randomUserId, startEdgeAlone } from "../../test/edge-alone.ts";
import {
  get,
  json,
  openSystemDatabases,
  publishLecture,
  runningSystem,
} from "../../test/system.ts";
import { exchange } from "./raw-socket.ts";
import { requestText } from "./requests.ts";
import { forgeriesOf } from "./tokens/forgeries.ts";
import { genuineToken } from "./tokens/genuine.ts";

const alone = startEdgeAlone();
const databases = openSystemDatabases();
const { edgeUrl, env } = runningSystem();
afterAll(async () => {
  await alone.close();
  await databases.close();
});

/** The routes of a lecture that need a session. */
const privateRoutes = (lectureId: string): [method: string, path: string][] => [
  ["POST", `/api/lectures/${lectureId}/reservations`],
  ["GET", `/api/reservations/${lectureId}-${"0".repeat(32)}`],
  ["GET", `/api/reservations/${lectureId}-${"0".repeat(32)}/events`],
  ["DELETE", `/api/reservations/${lectureId}-${"0".repeat(32)}`],
  ["GET", "/api/me"],
  ["GET", "/api/me/reservations"],
];

const userId = randomUserId();
const inProcess = genuineToken(alone.env, userId);
const forgeries = forgeriesOf(inProcess);
let lectureId = "";
beforeAll(async () => {
  lectureId = await loadOpenLecture(alone.redis);
});

test("there are at least 200 different forgeries, and what they start from is genuine", async () => {
  expect(
    new Set(forgeries.map(({ headers }) => JSON.stringify(headers))).size,
  ).toBeGreaterThanOrEqual(200);
  expect(new Set(forgeries.map(({ name }) => name)).size).toBe(forgeries.length);
  for (const headers of [
    { Authorization: `Bearer ${inProcess.token}` },
    { Authorization: `bEARER   ${inProcess.token}` },
    { Cookie: `a=b; ${SESSION_COOKIE}=${inProcess.token}` },
  ])
    expect(await json(await alone.fetch("/api/me", { headers }))).toMatchObject({ id: userId });
});

test.each(forgeries)(
  "$name: 401 on every private route, and nobody is asked",
  async ({ headers }) => {
    const [before, heard] = [alone.wire.requests.length, alone.origin.heard.length];
    for (const [method, path] of privateRoutes(lectureId)) {
      const answer = await alone.fetch(path, { method, headers });
      expect([answer.status, (await json(answer))["code"]]).toEqual([401, "unauthenticated"]);
    }
    expect(alone.wire.requests.length).toBe(before);
    expect(alone.origin.heard.length).toBe(heard);
  },
);

test("on the running system every forgery is 401 on every private route, and no seat is claimed", async () => {
  const lecture = await publishLecture(databases);
  const letIn: string[] = [];
  for (const { name, headers } of forgeriesOf(genuineToken(env, userId))) {
    const carried = headers.map(([header, value]) => `${header}: ${value}`);
    const lines = ["Host: edge", ...carried, "Content-Length: 0"];
    const answers = await Promise.all(
      privateRoutes(lecture).map(([method, path]) =>
        exchange(edgeUrl, requestText(`${method} ${path}`, lines)),
      ),
    );
    for (const { status, body } of answers)
      if (status !== 401 || !body.includes('"unauthenticated"')) letIn.push(`${name}: ${status}`);
  }
  expect(letIn).toEqual([]);
  const availability = await json(await get(`/api/lectures/${lecture}/availability`));
  expect(availability).toMatchObject({ capacity: 10, remaining: 10 });
});

test("whoever has a live Bearer is who it says, whatever cookie comes with it", async () => {
  const other = genuineToken(alone.env, randomUserId());
  const headers = {
    Authorization: `Bearer ${inProcess.token}`,
    Cookie: `${SESSION_COOKIE}=${other.token}`,
  };
  expect(await json(await alone.fetch("/api/me", { headers }))).toMatchObject({ id: userId });
});
