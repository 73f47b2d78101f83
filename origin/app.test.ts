import { afterAll, beforeAll, expect, test } from "bun:test";
import pino from "pino";
import type { ReserveCommand } from "../contract/command.ts";
import { ridOf } from "../contract/ids.ts";
import { Keyring } from "../contract/keyring.ts";
import { WAITED_HEADER } from "../contract/origin-api.ts";
import type { DecisionStatus } from "../contract/reservation.ts";
import { SIGNATURE_HEADER, SIGNATURE_WINDOW_MS, sign } from "../contract/signature.ts";
import { createPendingNodes } from "../pending/create.ts";
import { findPending, findPendingAmendment } from "../pending/read.ts";
import { removePendingNodes } from "../pending/remove.ts";
import { openZooKeeper } from "../pending/session.ts";
import { pendingWatches } from "../pending/watch.ts";
import { openPublisher } from "../queue/publisher.ts";
import { insertLecture } from "../stack/insert-lecture.ts";
import { insertDecision } from "../test/rooms/decision.ts";
import { testSettings } from "../test/rooms/origin.ts";
import { uncachedLectures } from "../test/rooms/uncached-lectures.ts";
import { addressOf, eventually, openTestDatabase, randomLectureId } from "../test/servers.ts";
import { createApp } from "./app.ts";
import type { OriginDeps } from "./deps.ts";

const secretOf = (fill: number) => new Uint8Array(32).fill(fill).toBase64();
const edgeKeys = Keyring.parse(`new:${secretOf(1)},old:${secretOf(2)}`);
const sessionKeys = Keyring.parse(`s1:${secretOf(3)}`);

const zooKeeper = openZooKeeper({
  servers: addressOf("ZOOKEEPER_URL"),
  sessionTimeoutMs: 10_000,
  operationTimeoutMs: 5_000,
  maxInFlight: 500,
});
const stopping = new AbortController();
const log = pino({ level: "silent" });
const catalogue = openTestDatabase("catalogue");
const deps: OriginDeps = {
  ...testSettings(),
  database: openTestDatabase(),
  catalogue,
  ...uncachedLectures(catalogue, log),
  people: openTestDatabase("people"),
  lateNodes: { add: () => {} },
  findPendingNode: (rid) => findPending(zooKeeper, rid),
  findPendingAmendment: (rid) => findPendingAmendment(zooKeeper, rid),
  createPendingNode: createPendingNodes(zooKeeper),
  watches: pendingWatches(zooKeeper, { maxWatches: 100 }),
  publisher: openPublisher({
    url: addressOf("RABBITMQ_URL"),
    partitions: 2,
    maxInFlight: 100,
    confirmTimeoutMs: 5_000,
    onTrouble: () => {},
  }),
  log,
  edgeKeys,
  sessionKeys,
  stopping: stopping.signal,
};
const app = createApp(deps, async () => ({ ready: true, away: [] }));

beforeAll(async () => {
  expect(await zooKeeper.connectedWithin(60_000)).toBe(true);
  await eventually("the publisher is ready", async () => deps.publisher.ready());
});

afterAll(async () => {
  stopping.abort();
  deps.watches.close();
  await deps.publisher.close();
  await zooKeeper.close();
  await Promise.all([deps.database.close(), deps.catalogue.close(), deps.people.close()]);
});

interface Sent {
  method?: string;
  body?: unknown;
  keys?: Keyring;
  nowMs?: number;
}

/** A request signed as the edge signs it. */
async function signed(
  path: string,
  { method = "GET", body, keys = edgeKeys, nowMs = Date.now() }: Sent = {},
) {
  const bytes = new TextEncoder().encode(body === undefined ? "" : JSON.stringify(body));
  const signature = sign(keys, { method, path, body: bytes }, nowMs);
  return new Request(`http://origin${path}`, {
    method,
    headers: { [SIGNATURE_HEADER]: signature },
    ...(body === undefined ? {} : { body: bytes }),
  });
}

async function ask(
  path: string,
  sent: Sent = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await app.request(await signed(path, sent));
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function commandOf(userId = "u1"): Promise<ReserveCommand> {
  const lectureId = randomLectureId();
  const rid = ridOf(lectureId, userId, "key");
  return { kind: "reserve", rid, lectureId, userId, claimedAtMs: Date.now() };
}

const decide = (command: ReserveCommand, status: DecisionStatus) =>
  insertDecision(deps.database, command, status);

test("an unsigned request is refused whatever it asks for, health is not", async () => {
  for (const path of ["/lectures", "/commands", "/reservations/1", "/auth/demo", "/nothing"]) {
    expect((await app.request(path)).status).toBe(401);
  }
  expect((await app.request("/healthz")).status).toBe(200);
  expect((await app.request("/readyz")).status).toBe(200);
});

test("an origin is ready if it can queue; it names the servers that are away", async () => {
  const without = (...away: string[]) =>
    createApp(deps, async () => ({ ready: !away.includes("rabbitmq"), away })).request("/readyz");
  const degraded = await without("zookeeper", "mysql");
  expect([degraded.status, await degraded.text()]).toEqual([
    200,
    "ready\nzookeeper is away\nmysql is away\n",
  ]);
  const down = await without("rabbitmq");
  expect([down.status, await down.text()]).toEqual([503, "not ready\nrabbitmq is away\n"]);
});

test("both live keys are accepted, a foreign one of the same name is not", async () => {
  const [, old] = edgeKeys;
  const foreign = Keyring.parse(`new:${secretOf(9)}`);
  expect((await app.request(await signed("/lectures"))).status).toBe(200);
  expect(
    (await app.request(await signed("/lectures", { keys: [old as (typeof edgeKeys)[0]] }))).status,
  ).toBe(200);
  expect((await app.request(await signed("/lectures", { keys: foreign }))).status).toBe(401);
});

test("a signed request is let in once: its replay is refused", async () => {
  const request = await signed("/lectures");
  expect((await app.request(request.clone())).status).toBe(200);
  expect((await app.request(request)).status).toBe(401);
});

test("an altered path, query, method or body is refused", async () => {
  const command = await commandOf();
  const sent = { method: "POST", body: { command, waitMs: 0 } };
  const genuine = await signed("/commands", sent);
  const headers = Object.fromEntries(genuine.headers);
  const altered = [
    new Request("http://origin/commands?x=1", {
      method: "POST",
      headers,
      body: await genuine.clone().text(),
    }),
    new Request("http://origin/commands", {
      method: "PUT",
      headers,
      body: await genuine.clone().text(),
    }),
    new Request("http://origin/commands", {
      method: "POST",
      headers,
      body: JSON.stringify({ command }),
    }),
    new Request("http://origin/auth/demo", {
      method: "POST",
      headers,
      body: await genuine.clone().text(),
    }),
  ];
  for (const request of altered) expect((await app.request(request)).status).toBe(401);
  expect(await findPending(zooKeeper, command.rid)).toBeUndefined();
});

test("a signature older or newer than the window is refused", async () => {
  for (const side of [-1, 1]) {
    const nowMs = Date.now() + side * (SIGNATURE_WINDOW_MS + 2_000);
    expect((await app.request(await signed("/lectures", { nowMs }))).status).toBe(401);
  }
});

test("a reserve command is queued, pending for its user and unknown to others", async () => {
  const command = await commandOf();
  const answer = await ask("/commands", { method: "POST", body: { command, waitMs: 0 } });
  const reservation = { id: command.rid, lectureId: command.lectureId, status: "pending" };
  expect(answer).toEqual({ status: 200, body: { queued: true, reservation } });
  expect(await findPending(zooKeeper, command.rid)).toEqual(command);
  expect((await ask(`/reservations/${command.rid}?user=u1`)).body).toEqual(reservation);
  expect((await ask(`/reservations/${command.rid}?user=u2`)).status).toBe(404);
});

test("a request that waits is answered with the decision as soon as its node goes", async () => {
  const command = await commandOf();
  const waiting = ask("/commands", { method: "POST", body: { command, waitMs: 15_000 } });
  await eventually("the node is there", () => findPending(zooKeeper, command.rid));
  await decide(command, "confirmed");
  await removePendingNodes(zooKeeper, [command]);
  expect((await waiting).body).toMatchObject({
    queued: true,
    reservation: { status: "confirmed" },
  });
});

test("only a seat that is or may be confirmed can be cancelled", async () => {
  const cancelOf = ({ rid, lectureId, userId }: ReserveCommand) => ({
    command: { kind: "cancel", rid, lectureId, userId, requestedAtMs: Date.now() },
    waitMs: 0,
  });
  const [confirmed, rejected, cancelled, unknown] = await Promise.all(
    Array.from({ length: 4 }, () => commandOf()),
  );
  if (!confirmed || !rejected || !cancelled || !unknown) throw new Error("four commands were made");
  await decide(confirmed, "confirmed");
  await decide(rejected, "rejected");
  await decide(cancelled, "cancelled");
  const answers = [];
  for (const command of [confirmed, rejected, cancelled, unknown]) {
    answers.push(await ask("/commands", { method: "POST", body: cancelOf(command) }));
  }
  expect(answers.map(({ status }) => status)).toEqual([200, 409, 200, 404]);
  expect(answers[0]?.body).toMatchObject({ reservation: { status: "pending" } });
  expect(answers[1]?.body).toEqual({ code: "not_cancellable" });
  expect(answers[2]?.body).toMatchObject({ reservation: { status: "cancelled" } });
  const foreign = { ...cancelOf(confirmed).command, userId: "u2" };
  expect(
    (await ask("/commands", { method: "POST", body: { command: foreign, waitMs: 0 } })).status,
  ).toBe(404);
});

test("a stream begins with the status, ends with the decision; too many are 503", async () => {
  const command = await commandOf();
  await ask("/commands", { method: "POST", body: { command, waitMs: 0 } });
  const open = async (told = "") =>
    await app.request(await signed(`/reservations/${command.rid}/events?user=u1${told}`));
  const streams = [await open(), await open("&told=confirmed")];
  expect((await open()).status).toBe(503);
  await decide(command, "confirmed");
  await removePendingNodes(zooKeeper, [command]);
  for (const stream of streams) {
    const events = (await stream.text())
      .split("\n\n")
      .filter((event) => event.startsWith("event: status"));
    expect(events).toHaveLength(2);
    expect(events[0]).toContain('"pending"');
    expect(events[1]).toContain('"confirmed"');
  }
  expect((await open()).status).toBe(200);
});

test("HEAD of health is answered with GET's length", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const [got, head] = [await app.request(path), await app.request(path, { method: "HEAD" })];
    const { byteLength } = await got.arrayBuffer();
    expect([head.status, head.headers.get("content-length")]).toEqual([
      got.status,
      String(byteLength),
    ]);
    expect(await head.text()).toBe("");
  }
});

test("the origin says that it waited only where it did", async () => {
  const command = await commandOf();
  const queue = async (waitMs: number) =>
    await app.request(await signed("/commands", { method: "POST", body: { command, waitMs } }));
  const read = async (waitMs: number) =>
    await app.request(await signed(`/reservations/${command.rid}?user=u1&waitMs=${waitMs}`));
  const waited = async (answer: Promise<Response>) => (await answer).headers.get(WAITED_HEADER);
  expect(await waited(queue(0))).toBeNull();
  expect(await waited(queue(1))).toBe("1");
  expect(await waited(read(0))).toBeNull();
  expect(await waited(read(1))).toBe("1");
  await decide(command, "confirmed");
  await removePendingNodes(zooKeeper, [command]);
  expect(await waited(read(1))).toBeNull();
});

test("an event's id is its status; a client that has the decision gets 204", async () => {
  const command = await commandOf();
  await ask("/commands", { method: "POST", body: { command, waitMs: 0 } });
  const path = `/reservations/${command.rid}/events?user=u1`;
  const open = async (told: string) => await app.request(await signed(`${path}&told=${told}`));
  const stream = await open("pending");
  await decide(command, "confirmed");
  await removePendingNodes(zooKeeper, [command]);
  const events = (await stream.text())
    .split("\n\n")
    .filter((event) => event.startsWith("event: status"));
  expect(events.map((event) => /^id: (.*)$/m.exec(event)?.[1])).toEqual(["pending", "confirmed"]);
  for (const event of events) expect(event).toMatch(/^retry: [12]\d{3}$/m);

  expect((await open("confirmed")).status).toBe(204);
  const rejected = await open("rejected");
  expect([rejected.status, await rejected.text()]).toEqual([
    200,
    expect.stringContaining('"confirmed"'),
  ]);
  expect(
    (await app.request(await signed(`/reservations/${command.rid}/events?user=u2&told=confirmed`)))
      .status,
  ).toBe(404);
});

test("a command that is none is refused, and the answer repeats nothing of it", async () => {
  const command = await commandOf();
  const bad = [
    {},
    { command: { ...command, userId: "../x" }, waitMs: 0 },
    { command, waitMs: 1e9 },
    [],
    null,
  ];
  for (const body of bad) {
    expect(await ask("/commands", { method: "POST", body })).toEqual({
      status: 422,
      body: { code: "invalid_request" },
    });
  }
});

test("a published lecture is listed and read; unchanged it is 304, unknown 404", async () => {
  const times = {
    opensAt: new Date(),
    closesAt: new Date(Date.now() + 1e6),
    startsAt: new Date(Date.now() + 2e6),
  };
  const words = { title: "Zeit", speaker: "Department of History", venue: "Hall 3" };
  const id = randomLectureId();
  await insertLecture(deps, {
    id,
    ...words,
    ...times,
    endsAt: new Date(Date.now() + 3e6),
    capacity: 4,
  });
  const one = await app.request(await signed(`/lectures/${id}`));
  expect(await one.clone().json()).toMatchObject({
    id,
    title: "Zeit",
    capacity: 4,
    cancelled: false,
  });
  const request = await signed(`/lectures/${id}`);
  request.headers.set("if-none-match", one.headers.get("etag") as string);
  expect((await app.request(request)).status).toBe(304);
  expect((await ask(`/lectures/${randomLectureId()}`)).status).toBe(404);
  expect((await ask("/lectures/1abc")).status).toBe(404);
});
