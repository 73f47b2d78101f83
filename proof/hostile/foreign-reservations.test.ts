import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ServedEdge, serveEdge } from "../../test/edge-runtimes.ts";
import { eventually } from "../../test/servers.ts";
import {
  json,
  openSystemDatabases,
  press,
  publishLecture,
  runningSystem,
  signIn,
} from "../../test/system.ts";
import { ROOMY_BUCKETS } from "../kit/roomy-buckets.ts";

const databases = openSystemDatabases();
let edge: ServedEdge;
afterAll(async () => {
  await edge.close();
  await databases.close();
});

let [owner, stranger] = ["", ""];
let reservation: Record<string, unknown> = {};
let rid = "";
beforeAll(async () => {
  const { env, originUrl } = runningSystem();
  // An edge of this system with wider token buckets than a user should have.
  edge = await serveEdge("bun", { ...env, ...ROOMY_BUCKETS, ORIGIN_URL: originUrl });
  [owner, stranger] = [await signIn(), await signIn()];
  const [lectureId, other] = [await publishLecture(databases), await publishLecture(databases)];
  const booked = await press(lectureId, owner, "own");
  expect(booked.status).toBe(201);
  reservation = await json(booked);
  rid = String(reservation["id"]);
  // The stranger is known to the system: it has its own seat at this lecture and at another.
  expect((await press(lectureId, stranger, "own")).status).toBe(201);
  expect((await press(other, stranger, "other")).status).toBe(201);
});

function send(method: string, path: string, token: string, headers: Record<string, string> = {}) {
  return fetch(edge.url + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, ...headers },
  });
}

/** The content of a refusal, without the request's own id and the time. */
async function shapeOf(answer: Response): Promise<unknown> {
  const headers = [...answer.headers].filter(([name]) => !["x-request-id", "date"].includes(name));
  const { instance, ...body } = await json(answer);
  expect(instance).toBe(`urn:uuid:${answer.headers.get("x-request-id")}`);
  return { status: answer.status, headers: headers.sort(), body };
}

const calls: [method: string, suffix: string][] = [
  ["GET", ""],
  ["GET", "/events"],
  ["DELETE", ""],
];

test.each(calls)(
  "%s of another user's reservation%s looks like that of one that never was",
  async (method, suffix) => {
    const never = `${rid.split("-")[0]}-${"0".repeat(32)}`;
    const shapeFor = async (id: string, headers: Record<string, string> = {}) =>
      shapeOf(await send(method, `/api/reservations/${id}${suffix}`, stranger, headers));
    const unknown = await shapeFor(never);
    expect(unknown).toMatchObject({ status: 404, body: { code: "reservation_not_found" } });
    expect(await shapeFor(rid)).toEqual(unknown);
    expect(await shapeFor(rid, { "X-User-Id": "s-1" })).toEqual(unknown);
    const waits = { Prefer: "wait=1" };
    expect(await shapeFor(rid, waits)).toEqual(suffix ? unknown : await shapeFor(never, waits));
  },
);

test("rids near another user's, of another lecture, of other case or length are 404 for both of them", async () => {
  const [lectureId = "", hash = ""] = rid.split("-");
  const otherDigits = [...hash].map(
    (digit, at) => hash.slice(0, at) + (digit === "0" ? "1" : "0") + hash.slice(at + 1),
  );
  const otherHashes = [...otherDigits, hash.toUpperCase(), "a".repeat(1_000)];
  const near = [
    ...otherHashes.map((other) => `${lectureId}-${other}`),
    ...[Number(lectureId) + 1, lectureId.slice(1)].map((other) => `${other}-${hash}`),
    ...["0", "-", " "].map((before) => before + rid),
    ...[" ", "%00", "%0A", ".cancel", "/", "%2f", "0", `,${rid}`].map((behind) => rid + behind),
    ...[rid.slice(0, -1), hash, lectureId, `${lectureId}–${hash}`],
    ...["undefined", "null", "*", "%25"],
  ].filter((other) => other !== rid);
  for (const [method, suffix] of calls) {
    for (const other of near) {
      const path = `/api/reservations/${encodeURI(other)}${suffix}`;
      for (const token of [owner, stranger])
        expect(await statusOnceLetIn(method, path, token)).toBe(404);
    }
  }
});

/**
 * The user's bucket in the running system refills within a second. The test checks the answer after
 * that.
 */
async function statusOnceLetIn(method: string, path: string, token: string): Promise<number> {
  return await eventually("the bucket has a token", async () => {
    const { status } = await send(method, path, token);
    return status !== 429 && status;
  });
}

test("after all of that the reservation is its owner's, as it was", async () => {
  const read = await send("GET", `/api/reservations/${rid}`, owner);
  expect([read.status, await json(read)]).toEqual([200, reservation]);
  const mine = await json(await send("GET", "/api/me/reservations", stranger));
  expect(JSON.stringify(mine)).not.toContain(rid);
});
