import { afterAll, expect, test } from "bun:test";
import { claim } from "../admission/claim.ts";
import { openRedis } from "../admission/redis.ts";
import { ridOf } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
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
const { edgeUrl, env } = runningSystem();
const redis = openRedis({
  url: env["UPSTASH_REDIS_REST_URL"] as string,
  token: env["UPSTASH_REDIS_REST_TOKEN"] as string,
  timeoutMs: 5_000,
});

afterAll(() => databases.close());

/** The user id of a token, as the edge gives it. */
async function userOf(token: string): Promise<string> {
  return String((await json(await get("/api/me", token)))["id"]);
}

async function endThrottle(lectureId: string, token: string): Promise<void> {
  await redis.del(redisKeys.throttle(lectureId, await userOf(token)));
}

test("a click with Prefer: wait is a confirmed seat, and its key repeats the answer", async () => {
  const [lectureId, token] = [await publishLecture(databases), await signIn()];
  const first = await press(lectureId, token, "click");
  const reservation = await json(first);
  expect(first.status).toBe(201);
  expect(reservation).toMatchObject({ lectureId, status: "confirmed" });
  expect(first.headers.get("location")).toBe(`/api/reservations/${reservation["id"]}`);
  const again = await press(lectureId, token, "click");
  expect(again.status).toBe(201);
  expect(await json(again)).toEqual(reservation);
  const read = await get(`/api/reservations/${reservation["id"]}`, token);
  expect(await json(read)).toEqual(reservation);
});

test("a click without a wait is pending, and its event stream ends with the decision", async () => {
  const [lectureId, token] = [await publishLecture(databases), await signIn()];
  const response = await press(lectureId, token, "click", 0);
  expect(response.status).toBe(202);
  expect(response.headers.get("retry-after")).toMatch(/^[1-9]/);
  const pending = await json(response);
  expect(pending).toMatchObject({ lectureId, status: "pending" });
  const stream = await get(`/api/reservations/${pending["id"]}/events`, token);
  expect(stream.headers.get("content-type")).toStartWith("text/event-stream");
  const events = (await stream.text())
    .split("\n\n")
    .filter((event) => event.startsWith("event: status"));
  expect(events.at(-1)).toContain('"status":"confirmed"');
});

test("an EventSource hears pending and the decision, then asks once more and no more", async () => {
  const [lectureId, token] = [await publishLecture(databases), await signIn()];
  const { id } = await json(await press(lectureId, token, "click", 0));
  const { events, statuses } = await followEvents((headers) =>
    fetch(`${edgeUrl}/api/reservations/${id}/events`, {
      headers: { authorization: `Bearer ${token}`, ...headers },
    }),
  );
  expect(events.at(-1)).toMatchObject({ type: "status", lastEventId: "confirmed" });
  expect(JSON.parse(events.at(-1)?.data ?? "")).toMatchObject({
    id,
    lectureId,
    status: "confirmed",
  });
  expect(statuses).toEqual([200, 204]);
});

test("another key of a student who holds a seat is refused and told which seat", async () => {
  const [lectureId, token] = [await publishLecture(databases), await signIn()];
  const seat = await json(await press(lectureId, token, "first"));
  const second = await press(lectureId, token, "second");
  expect(second.status).toBe(409);
  expect(await json(second)).toMatchObject({ code: "already_reserved", reservationId: seat["id"] });
});

test("when all seats are taken the next student is told so, and availability agrees", async () => {
  const lectureId = await publishLecture(databases, { capacity: 1 });
  await press(lectureId, await signIn(), "click");
  const late = await press(lectureId, await signIn(), "click");
  expect([late.status, (await json(late))["code"]]).toEqual([409, "sold_out"]);
  const availability = await eventually("the edge's answer of before is over", async () => {
    const told = await json(await get(`/api/lectures/${lectureId}/availability`));
    return told["state"] === "sold_out" && told;
  });
  expect(availability).toMatchObject({ state: "sold_out", remaining: 0, capacity: 1 });
});

test("a seat cancelled twice comes back once, goes on, and its owner can book again", async () => {
  const lectureId = await publishLecture(databases, { capacity: 2 });
  const [owner, other] = [await signIn(), await signIn()];
  const seat = await json(await press(lectureId, owner, "click"));
  const wait = { prefer: "wait=10" };
  const cancels = await Promise.all(
    [1, 2].map(() => send("DELETE", `/api/reservations/${seat["id"]}`, owner, wait)),
  );
  expect(cancels.map(({ status }) => status)).toEqual([200, 200]);
  expect(await json(cancels[0] as Response)).toMatchObject({ id: seat["id"], status: "cancelled" });
  await eventually("both seats are free", async () => {
    const { remaining } = await json(await get(`/api/lectures/${lectureId}/availability`));
    return remaining === 2;
  });
  expect((await press(lectureId, other, "click")).status).toBe(201);

  const hasty = await press(lectureId, owner, "again");
  expect([hasty.status, (await json(hasty))["code"]]).toEqual([429, "throttled"]);
  expect(Number(hasty.headers.get("retry-after"))).toBeWithin(1, 15);
  await endThrottle(lectureId, owner);
  expect((await press(lectureId, owner, "again")).status).toBe(201);
  expect(await json(await press(lectureId, owner, "click"))).toMatchObject({
    id: seat["id"],
    status: "cancelled",
  });
});

test("before the opening and after the closing nobody is admitted", async () => {
  const nowMs = Date.now();
  const early = await publishLecture(databases, { opensAt: new Date(nowMs + 60_000) });
  const late = await publishLecture(databases, { closesAt: new Date(nowMs - 1_000) });
  const token = await signIn();
  const codes = [];
  for (const lectureId of [early, late])
    codes.push((await json(await press(lectureId, token, "click")))["code"]);
  expect(codes).toEqual(["not_open", "closed"]);
  expect(await json(await get(`/api/lectures/${early}/availability`))).toMatchObject({
    state: "upcoming",
  });
  expect(await json(await get(`/api/lectures/${late}/availability`))).toMatchObject({
    state: "closed",
  });
});

test("booking ends at the lecture's start, however late it would close", async () => {
  const nowMs = Date.now();
  const [closesAt, speaker] = [new Date(nowMs + 3_600_000), crypto.randomUUID()];
  const hours = (startsInMs: number) => ({
    closesAt,
    speaker,
    startsAt: new Date(nowMs + startsInMs),
    endsAt: new Date(nowMs + 7_200_000),
  });
  const begun = await publishLecture(databases, hours(-1_000));
  const coming = await publishLecture(databases, hours(1_800_000));
  const token = await signIn();
  expect((await json(await press(begun, token, "click")))["code"]).toBe("closed");
  expect((await press(coming, token, "click")).status).toBe(201);
  expect(await json(await get(`/api/lectures/${begun}/availability`))).toMatchObject({
    state: "closed",
    closesAt: new Date(nowMs - 1_000).toISOString(),
  });
  expect(await json(await get(`/api/lectures/${coming}/availability`))).toMatchObject({
    state: "open",
    closesAt: new Date(nowMs + 1_800_000).toISOString(),
  });
  const listed = async (state: string) => {
    const page = await json(await get(`/api/lectures?q=${speaker}&state=${state}`));
    return (page["lectures"] as { id: string }[]).map(({ id }) => id);
  };
  expect([await listed("closed"), await listed("open")]).toEqual([[begun], [coming]]);
});

test("a lecture that is sold out is closed from its start on", async () => {
  const startsAt = new Date(Date.now() + 2_500);
  const lectureId = await publishLecture(databases, { capacity: 1, startsAt });
  await press(lectureId, await signIn(), "click");
  const codeOf = async () =>
    (await json(await press(lectureId, await signIn(), "click", 0)))["code"];
  const codes = new Set([await codeOf(), await codeOf()]);
  // An edge may repeat its last answer for a second.
  await eventually("it is closed", async () => codes.add(await codeOf()).has("closed"));
  expect([...codes]).toEqual(["sold_out", "closed"]);
  expect(Date.now()).toBeGreaterThanOrEqual(startsAt.getTime());
});

test("a seat can be given back until its last moment, and then that is too late", async () => {
  const [before, after] = [
    await publishLecture(databases, { cancelUntil: new Date(Date.now() + 60_000) }),
    await publishLecture(databases, { cancelUntil: new Date(Date.now() - 1_000) }),
  ];
  const token = await signIn();
  const cancel = async (lectureId: string) => {
    const { id } = await json(await press(lectureId, token, "click"));
    return await send("DELETE", `/api/reservations/${id}`, token, { prefer: "wait=10" });
  };
  expect((await cancel(before)).status).toBe(200);
  const late = await cancel(after);
  expect([late.status, (await json(late))["code"]]).toEqual([409, "too_late"]);
});

test("a student with seats at the same hours is told so with each of them", async () => {
  const nowMs = Date.now();
  const hours = { startsAt: new Date(nowMs + 7_200_000), endsAt: new Date(nowMs + 9_000_000) };
  const [one, two] = [
    await publishLecture(databases, { ...hours, title: "Quanta" }),
    await publishLecture(databases, { startsAt: new Date(nowMs + 8_000_000) }),
  ];
  const token = await signIn();
  expect(await json(await press(one, token, "click"))).not.toHaveProperty("overlaps");
  const seat = await json(await press(two, token, "click"));
  const overlap = {
    lectureId: one,
    title: "Quanta",
    startsAt: hours.startsAt.toISOString(),
    endsAt: hours.endsAt.toISOString(),
  };
  expect(seat).toMatchObject({ status: "confirmed", overlaps: [overlap] });
  expect(await json(await get(`/api/reservations/${seat["id"]}`, token))).toEqual(seat);
  const { reservations } = await json(await get("/api/me/reservations", token));
  expect(reservations).toMatchObject([
    { lectureId: two, overlaps: [{ lectureId: one }] },
    { lectureId: one, overlaps: [{ lectureId: two }] },
  ]);
});

test("another student's reservation can be neither read, followed nor cancelled", async () => {
  const [lectureId, owner, other] = [
    await publishLecture(databases),
    await signIn(),
    await signIn(),
  ];
  const seat = await json(await press(lectureId, owner, "click"));
  const path = `/api/reservations/${seat["id"]}`;
  const answers = [
    await get(path, other),
    await get(`${path}/events`, other),
    await send("DELETE", path, other),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
  expect(await json(await get(path, owner))).toMatchObject({ status: "confirmed" });
});

test("a student's own reservations are listed, newest first", async () => {
  const [one, two, token] = [
    await publishLecture(databases),
    await publishLecture(databases),
    await signIn(),
  ];
  await press(one, token, "click");
  await press(two, token, "click");
  const { reservations } = await json(await get("/api/me/reservations", token));
  expect((reservations as { lectureId: string }[]).map(({ lectureId }) => lectureId)).toEqual([
    two,
    one,
  ]);
});

test("an undecided claim stands in the list, and once decided it is there once", async () => {
  const [lectureId, token] = [await publishLecture(databases), await signIn()];
  const userId = await userOf(token);
  const rid = ridOf(lectureId, userId, "click");
  await claim(redis, { lectureId, userId, rid });
  const listed = async () => (await json(await get("/api/me/reservations", token)))["reservations"];
  // No command was sent for this claim, so it is held. On a machine that stalls for long the sweep
  // comes first.
  expect(await listed()).toEqual([
    expect.objectContaining({ id: rid, status: expect.stringMatching(/pending|confirmed/) }),
  ]);
  expect((await press(lectureId, token, "click")).status).toBe(201);
  expect(await listed()).toEqual([expect.objectContaining({ id: rid, status: "confirmed" })]);
});

test("a list that is longer than a page goes on at the address that the page names", async () => {
  const token = await signIn();
  const lectureIds = [await publishLecture(databases), await publishLecture(databases)];
  for (const lectureId of lectureIds) await press(lectureId, token, "click");
  const seen: string[] = [];
  let path: string | undefined = "/api/me/reservations?limit=1";
  while (path !== undefined) {
    const page: Record<string, unknown> = await json(await get(path, token));
    const [one] = page["reservations"] as { lectureId: string }[];
    if (one) seen.push(one.lectureId);
    path = page["next"] as string | undefined;
  }
  expect(seen).toEqual(lectureIds.toReversed());
});

test("the lectures are listed and read, and an unchanged one is answered 304", async () => {
  const speaker = crypto.randomUUID();
  const lectureId = await publishLecture(databases, { speaker });
  const { lectures } = await json(await get(`/api/lectures?q=${speaker}`));
  expect((lectures as { id: string }[]).map(({ id }) => id)).toContain(lectureId);
  const one = await get(`/api/lectures/${lectureId}`);
  expect(await json(one)).toMatchObject({ id: lectureId, capacity: 10, cancelled: false });
  const etag = one.headers.get("etag") as string;
  const unchanged = await send("GET", `/api/lectures/${lectureId}`, undefined, {
    "if-none-match": etag,
  });
  expect(unchanged.status).toBe(304);
});

test("forty students for ten seats at once: ten seats, each confirmed to one student", async () => {
  const lectureId = await publishLecture(databases);
  const tokens = await Promise.all(Array.from({ length: 40 }, signIn));
  const answers = await Promise.all(tokens.map((token) => press(lectureId, token, "click")));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(10);
  expect(statuses.filter((status) => status === 409)).toHaveLength(30);
  await eventually(
    "Redis agrees",
    async () => (await redis.zcard(redisKeys.held(lectureId))) === 0,
  );
  expect(await redis.hlen(redisKeys.claims(lectureId))).toBe(10);
});
