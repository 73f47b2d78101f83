import { afterAll, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import { claim } from "../admission/claim.ts";
import { openRedis } from "../admission/redis.ts";
import type { Amendment } from "../contract/amendment.ts";
import { amendmentRidOf, type LectureId, ridOf } from "../contract/ids.ts";
import { Keyring } from "../contract/keyring.ts";
import { redisKeys } from "../contract/names.ts";
import { AmendAnswer } from "../contract/origin-api.ts";
import { SIGNATURE_HEADER, sign } from "../contract/signature.ts";
import type { Change } from "../contract/terms.ts";
import { followEvents } from "./event-source.ts";
import { eventually } from "./servers.ts";
import {
  get,
  json,
  openSystemDatabases,
  press,
  publishLecture,
  runningSystem,
  send,
  signIn,
} from "./system.ts";

const databases = openSystemDatabases();
const { edgeUrl, originUrl, env } = runningSystem();
const redis = openRedis({
  url: env["UPSTASH_REDIS_REST_URL"] as string,
  token: env["UPSTASH_REDIS_REST_TOKEN"] as string,
  timeoutMs: 5_000,
});

afterAll(() => databases.close());

const ORGANISER = "organiser";

/** Changes a lecture as its organiser does, and waits for the decision. The catalogue follows. */
async function amend(lectureId: LectureId, change: Change): Promise<Amendment> {
  const rid = amendmentRidOf(lectureId, ORGANISER, crypto.randomUUID());
  const command = {
    ...{ kind: "amend", rid, lectureId, userId: ORGANISER, requestedAtMs: Date.now() },
    ...{ ifVersion: null, strict: false, words: false, change },
  };
  const body = new TextEncoder().encode(JSON.stringify({ command, waitMs: 15_000 }));
  const statement = { method: "POST", path: "/commands", body };
  const signature = sign(Keyring.parse(env["EDGE_KEYS"]), statement, Date.now());
  const response = await fetch(`${originUrl}/commands`, {
    method: "POST",
    headers: { [SIGNATURE_HEADER]: signature },
    body,
  });
  const { amendment } = AmendAnswer.parse(await response.json());
  expect(amendment.status).toBe("applied");
  return amendment;
}

async function rowsOf(lectureId: LectureId): Promise<RowDataPacket[]> {
  const sql = "SELECT rid, status, reason FROM reservation WHERE lecture_id = ?";
  const [rows] = await databases.database.withConnection((connection) =>
    connection.query<RowDataPacket[]>(sql, [lectureId]),
  );
  return rows;
}

async function userOf(token: string): Promise<string> {
  return String((await json(await get("/api/me", token)))["id"]);
}

const GONE = { status: "cancelled", reason: "lecture_cancelled" };

test("the seats of a cancelled lecture end once, and every way of asking tells why", async () => {
  // The last moment for a cancel is over: it is not too late for what ended by itself.
  const cancelUntil = new Date(Date.now() - 1_000);
  const lectureId = await publishLecture(databases, { capacity: 2, cancelUntil });
  const [token, other] = [await signIn(), await signIn()];
  const { id } = await json(await press(lectureId, token, "click"));
  await press(lectureId, other, "click");
  await amend(lectureId, { cancelled: true });

  const path = `/api/reservations/${id}`;
  const told = await json(await get(path, token));
  expect(told).toMatchObject({ id, lectureId, ...GONE });
  const { events, statuses } = await followEvents((headers) =>
    fetch(`${edgeUrl}${path}/events`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
    }),
  );
  expect(events.map(({ lastEventId }) => lastEventId)).toEqual(["cancelled"]);
  expect(JSON.parse(events[0]?.data ?? "")).toEqual(told);
  expect(statuses).toEqual([200, 204]);
  const { reservations } = await json(await get("/api/me/reservations", token));
  expect(reservations).toEqual([told]);

  expect(await json(await send("DELETE", path, token))).toEqual(told);
  for (const _again of [1, 2]) {
    const again = await press(lectureId, token, "click");
    expect([again.status, await json(again)]).toEqual([200, told]);
  }
  const another = await press(lectureId, token, "another");
  expect([another.status, (await json(another))["code"]]).toEqual([409, "lecture_cancelled"]);
  const stranger = await press(lectureId, await signIn(), "click");
  expect([stranger.status, (await json(stranger))["code"]]).toEqual([409, "lecture_cancelled"]);
  expect(await rowsOf(lectureId)).toMatchObject([GONE, GONE]);
  expect(await redis.hlen(redisKeys.claims(lectureId))).toBe(0);
});

test("a claim that is held while its lecture is cancelled ends as rejected, once", async () => {
  const lectureId = await publishLecture(databases);
  const token = await signIn();
  const userId = await userOf(token);
  const rid = ridOf(lectureId, userId, "click");
  expect(await claim(redis, { lectureId, userId, rid })).toMatchObject({ outcome: "claimed" });
  await amend(lectureId, { cancelled: true });
  for (const _again of [1, 2]) {
    const answer = await press(lectureId, token, "click");
    expect(answer.status).toBe(409);
    expect(await json(answer)).toMatchObject({ code: "lecture_cancelled", reservationId: rid });
  }
  expect(await rowsOf(lectureId)).toMatchObject([
    { rid, status: "rejected", reason: "lecture_cancelled" },
  ]);
  await eventually("its claim is released", async () => {
    return (await redis.hlen(redisKeys.claims(lectureId))) === 0;
  });
  expect(await redis.hget(redisKeys.released(lectureId), rid)).toBe("rejected");
  expect(await redis.hlen(redisKeys.released(lectureId))).toBe(1);
});

test("a deleted lecture is missing, and its reservations can still be read", async () => {
  const lectureId = await publishLecture(databases);
  const token = await signIn();
  const { id } = await json(await press(lectureId, token, "click"));
  await amend(lectureId, { cancelled: true, published: false });

  const isMissing = async (answer: Response) =>
    answer.status === 404 && (await json(answer))["code"] === "lecture_not_found";
  // The catalogue follows within a second, and an edge may repeat its answers for another.
  await eventually("it is missing", async () => isMissing(await get(`/api/lectures/${lectureId}`)));
  await eventually("its availability is missing", async () =>
    isMissing(await get(`/api/lectures/${lectureId}/availability`)),
  );
  for (const [student, key] of [
    [await signIn(), "click"],
    [token, "another"],
  ] as const)
    await eventually("it cannot be booked", async () =>
      isMissing(await press(lectureId, student, key)),
    );
  const told = await json(await get(`/api/reservations/${id}`, token));
  expect(told).toMatchObject({ id, lectureId, ...GONE });
  const { reservations } = await json(await get("/api/me/reservations", token));
  expect(reservations).toEqual([told]);
  const again = await press(lectureId, token, "click");
  expect([again.status, await json(again)]).toEqual([200, told]);
});

test("a cancelled lecture no longer overlaps, and students are told of others alone", async () => {
  const [gone, stays, third] = [
    await publishLecture(databases),
    await publishLecture(databases),
    await publishLecture(databases),
  ];
  const token = await signIn();
  for (const lectureId of [gone, stays, third]) await press(lectureId, token, "click");
  await amend(gone, { cancelled: true });
  const { reservations } = await json(await get("/api/me/reservations", token));
  expect(reservations).toMatchObject([
    { lectureId: third, overlaps: [{ lectureId: stays }] },
    { lectureId: stays, overlaps: [{ lectureId: third }] },
    { lectureId: gone, ...GONE },
  ]);
  expect((reservations as { overlaps?: unknown[] }[])[0]?.overlaps).toHaveLength(1);
});
