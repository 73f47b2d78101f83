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
  // An edge of this system with a wider token bucket than a user should have.
  const settings = {
    ORIGIN_URL: originUrl,
    USER_BUCKET_TOKENS: "1000",
    USER_BUCKET_REFILL_PER_S: "1000",
  };
  edge = await serveEdge("bun", { ...env, ...settings });
  [owner, stranger] = [await signIn(), await signIn()];
  const [lectureId, other] = [await publishLecture(databases), await publishLecture(databases)];
  const booked = await press(lectureId, owner, "own");
  expect(booked.status).toBe(201);
  reservation = await json(booked);
  rid = String(reservation["id"]);
  // The stranger is known to the system: it has its own seat at this lecture and at another.
  expect((await press(lectureId, stranger, "own")).status).toBe(201);
  expect((await press(other, stranger, "other")).status).toBe(201);
}, 60_000);

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
    const [lectureId] = rid.split("-");
    const unknown = await shapeOf(
      await send(method, `/api/reservations/${lectureId}-${"0".repeat(32)}${suffix}`, stranger),
    );
    expect(unknown).toMatchObject({ status: 404, body: { code: "reservation_not_found" } });
    for (const headers of [{}, { Prefer: "wait=1" }, { "X-User-Id": "s-1" }] as Record<
      string,
      string
    >[]) {
      expect(
        await shapeOf(await send(method, `/api/reservations/${rid}${suffix}`, stranger, headers)),
      ).toEqual(
        headers["Prefer"] && suffix === ""
          ? await shapeOf(
              await send(
                method,
                `/api/reservations/${lectureId}-${"0".repeat(32)}`,
                stranger,
                headers,
              ),
            )
          : unknown,
      );
    }
  },
);

test("rids near another user's, of another lecture, of other case or length are 404 for both of them", async () => {
  const [lectureId = "", hash = ""] = rid.split("-");
  const digit = (at: number) => (hash[at] === "0" ? "1" : "0");
  const near = [
    ...Array.from(
      { length: 32 },
      (_, at) => `${lectureId}-${hash.slice(0, at)}${digit(at)}${hash.slice(at + 1)}`,
    ),
    `${Number(lectureId) + 1}-${hash}`,
    `${lectureId.slice(1)}-${hash}`,
    `0${rid}`,
    `-${rid}`,
    ` ${rid}`,
    `${rid} `,
    `${rid}%00`,
    `${rid}%0A`,
    `${rid}.cancel`,
    `${rid}/`,
    `${rid}%2f`,
    `${rid}0`,
    `${rid},${rid}`,
    rid.slice(0, -1),
    hash,
    lectureId,
    `${lectureId}-${hash.toUpperCase()}`,
    `${lectureId}–${hash}`,
    `${lectureId}-${"a".repeat(1_000)}`,
    "undefined",
    "null",
    "*",
    "%25",
  ].filter((other) => other !== rid);
  for (const [method, suffix] of calls) {
    for (const other of near) {
      const path = `/api/reservations/${encodeURI(other)}${suffix}`;
      for (const token of [owner, stranger])
        expect(await statusOnceLetIn(method, path, token)).toBe(404);
    }
  }
}, 60_000);

/**
 * The user's bucket in the running system refills within a second. The test checks the answer after
 * that.
 */
async function statusOnceLetIn(method: string, path: string, token: string): Promise<number> {
  return await eventually(
    "the bucket has a token",
    async () => {
      const { status } = await send(method, path, token);
      return status !== 429 && status;
    },
    30_000,
  );
}

test("after all of that the reservation is its owner's, as it was", async () => {
  const read = await send("GET", `/api/reservations/${rid}`, owner);
  expect([read.status, await json(read)]).toEqual([200, reservation]);
  const mine = await json(await send("GET", "/api/me/reservations", stranger));
  expect(JSON.stringify(mine)).not.toContain(rid);
});
