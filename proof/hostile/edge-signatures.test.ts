import { afterAll, expect, test } from "bun:test";
import { ridOf } from "../../contract/ids.ts";
import { Keyring } from "../../contract/keyring.ts";
import { SIGNATURE_WINDOW_MS } from "../../contract/signature.ts";
import { newKeyring } from "../../stack/secrets.ts";
import { randomLectureId } from "../../test/servers.ts";
import { json, openSystemDatabases, runningSystem } from "../../test/system.ts";
import { exchange, type RawAnswer } from "./raw-socket.ts";
import { requestText, type Sent, signatureOf, signed } from "./requests.ts";

const { originUrl, env } = runningSystem();
const keys = Keyring.parse(env["EDGE_KEYS"]);
const sessionKeys = Keyring.parse(env["SESSION_KEYS"]);
const databases = openSystemDatabases();
afterAll(() => databases.close());

/** Sends a request byte for byte, with these header lines. */
function send({ method = "GET", path, body = "" }: Sent, ...lines: string[]): Promise<RawAnswer> {
  const head = ["Host: origin", `Content-Length: ${Buffer.byteLength(body)}`];
  return exchange(originUrl, requestText(`${method} ${path}`, [...head, ...lines], body));
}

async function expectRefused(answers: Promise<RawAnswer>[]): Promise<void> {
  const refused = (await Promise.all(answers)).map(({ status, body }) => [status, body]);
  expect(refused).toEqual(refused.map(() => [401, '{"code":"unauthenticated"}']));
}

/** A valid command and its request: queued if let in. */
function command(): { rid: string; sent: Sent } {
  const lectureId = randomLectureId();
  const rid = ridOf(lectureId, "s-hostile", "key");
  const body = JSON.stringify({
    command: { kind: "reserve", rid, lectureId, userId: "s-hostile", claimedAtMs: Date.now() },
    waitMs: 0,
  });
  return { rid, sent: { method: "POST", path: "/commands", body } };
}

/**
 * Says whether the system knows a reservation of this rid: pending in ZooKeeper, or decided in
 * MySQL.
 */
async function isKnown(rid: string): Promise<boolean> {
  const path = `/reservations/${rid}?user=s-hostile`;
  return (await send({ path }, signed(signatureOf(keys, { path })))).status !== 404;
}

test("a signature with any one character changed, taken away or added is refused", async () => {
  const { rid, sent } = command();
  const value = signatureOf(keys, sent);
  const others = [...value].flatMap((char, at) => [
    value.slice(0, at) + (char === "0" ? "1" : "0") + value.slice(at + 1),
    value.slice(0, at) + value.slice(at + 1),
    `${value.slice(0, at)}0${value.slice(at)}`,
  ]);
  const different = [...new Set(others)].filter((other) => other !== value);
  expect(different.length).toBeGreaterThan(300);
  await expectRefused(different.map((other) => send(sent, signed(other))));
  expect(await isKnown(rid)).toBe(false);
});

test("a body with any one byte changed, taken away or added is refused", async () => {
  const { rid, sent } = command();
  const { body = "" } = sent;
  const value = signatureOf(keys, sent);
  const others = [...body].flatMap((char, at) => [
    body.slice(0, at) + (char === "1" ? "2" : "1") + body.slice(at + 1),
    body.slice(0, at) + body.slice(at + 1),
    `${body.slice(0, at)} ${body.slice(at)}`,
  ]);
  others.push("", "{}", `${body}\n`, `\uFEFF${body}`, `${body}\0`);
  await expectRefused(others.map((other) => send({ ...sent, body: other }, signed(value))));
  expect(await isKnown(rid)).toBe(false);
});

const owned = `/reservations/7-${"0".repeat(32)}?user=a`;

test.each([
  [owned.replace("user=a", "user=b")],
  [`${owned}&user=b`],
  [owned.replace("?", "?user=b&")],
  [owned.replace("?user=a", "?user=a&waitMs=20000")],
  [owned.replace("user", "USER")],
  [owned.replace("user", "u%73er")],
  [owned.replace("=a", "=%61")],
  [owned.replace("/reservations", "//reservations")],
  [owned.replace("/reservations", "/Reservations")],
  [owned.replace("/reservations", "/%72eservations")],
  [owned.replace("/reservations/", "/reservations%2f")],
  [owned.replace("?", "/?")],
  [owned.replace("?", "/events?")],
  [owned.replace("0?", "1?")],
  [owned.replace("?", "%00?")],
  [owned.replace("?user=a", "")],
  [owned.replace("?", ";?")],
  [owned.replace("user=a", "user=a%20")],
])("a signature of another address is refused for %s", async (path) => {
  await expectRefused([send({ path }, signed(signatureOf(keys, { path: owned })))]);
});

test.each(["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])(
  "a GET's signature is none for %s",
  async (method) => {
    const signature = signatureOf(keys, { path: "/lectures" });
    expect((await send({ method, path: "/lectures" }, signed(signature))).status).toBe(401);
  },
);

test("a signature that is too old, too new, or by no key of the edge is refused", async () => {
  const sent = { path: "/lectures" };
  const [newest] = keys;
  const [foreign] = Keyring.parse(newKeyring(1));
  const beyond = SIGNATURE_WINDOW_MS + 2_000;
  const values = [
    signatureOf(keys, sent, Date.now() - beyond),
    signatureOf(keys, sent, Date.now() + beyond),
    signatureOf(keys, sent, 1),
    signatureOf([foreign], sent),
    signatureOf([{ ...foreign, id: newest.id }], sent),
    signatureOf(sessionKeys, sent),
    signatureOf([{ ...sessionKeys[0], id: newest.id }], sent),
    "",
    "0",
    "...",
    `Bearer ${newest.id}`,
  ];
  await expectRefused(values.map((value) => send(sent, signed(value))));
});

test("two signatures, or one of them twice, are none", async () => {
  const sent = { path: "/lectures" };
  const [one, two] = [signatureOf(keys, sent), signatureOf(keys, sent)];
  await expectRefused([
    send(sent, signed(one), signed(one)),
    send(sent, signed(one), signed(two)),
    send(sent, signed(`${one}, ${two}`)),
    send(sent, signed(""), signed(one)),
  ]);
});

test("of fifty times the same signed command one is let in, and none later", async () => {
  const { rid, sent } = command();
  const signature = signed(signatureOf(keys, sent));
  const answers = await Promise.all(Array.from({ length: 50 }, () => send(sent, signature)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(49).fill(401)]);
  await expectRefused([send(sent, signature)]);
  expect(await isKnown(rid)).toBe(true);
});

test("a signed command whose rid is of another lecture is not queued", async () => {
  const { rid, sent } = command();
  const body = (sent.body ?? "").replaceAll(/"lectureId":"\d+"/g, '"lectureId":"7"');
  const other = { ...sent, body };
  const answer = await send(other, signed(signatureOf(keys, other)));
  expect([answer.status, answer.body]).toEqual([422, '{"code":"invalid_request"}']);
  expect(await isKnown(rid)).toBe(false);
});

test.each([
  "/",
  "/lectures",
  "/lectures/1",
  "/commands",
  "/users/s-1/reservations",
  "/open-lectures",
  "/auth/demo",
  "/metrics/",
  "/metrics/lectures",
  "/healthz/",
  "/healthz/lectures",
  "//healthz",
  "/HEALTHZ",
  "/healthz%2f..%2flectures",
  "/%2e/lectures",
  "/readyz;/lectures",
  "/readyz%00",
])("unsigned, there is nothing at %s, wherever the request says to come from", async (path) => {
  const claims = [
    "X-Forwarded-For: 127.0.0.1",
    "X-Real-IP: 127.0.0.1",
    "X-Original-URL: /healthz",
    "X-User: s-1",
  ];
  await expectRefused([send({ path }), send({ path }, ...claims)]);
  expect((await send({ method: "POST", path, body: "{}" }, ...claims)).status).toBe(401);
});

test("only health and metrics answer unsigned, and say nothing else", async () => {
  const healthy = {
    "/healthz": "alive\n",
    "/healthz?x=/lectures": "alive\n",
    "/readyz": "ready\n",
  };
  for (const [path, says] of Object.entries(healthy)) {
    const { status, body } = await send({ path });
    expect([status, body]).toEqual([200, says]);
  }
  const metrics = await send({ path: "/metrics" });
  expect(metrics.status).toBe(200);
  expect(metrics.body).toMatch(/^(# (HELP|TYPE) [a-z_0-9]+ .*\n|[a-z_0-9]+(\{.*\})? \S+\n|\n)+$/);
  const listed = await send({ path: "/healthz/../lectures" });
  expect([200, 401]).toContain(listed.status);
  expect(listed.body).not.toContain("lectures");
  const worker = await fetch(`${runningSystem().workerUrl}/`);
  expect(worker.status).toBe(404);
});

test("an edge that is asked for the origin's routes has none of them", async () => {
  const { edgeUrl } = runningSystem();
  for (const path of [
    "/commands",
    "/lectures",
    "/users/s-1/reservations",
    "/auth/demo",
    "/healthz",
    "/readyz",
  ]) {
    const answer = await fetch(edgeUrl + path);
    expect([answer.status, (await json(answer))["code"]]).toEqual([404, "route_not_found"]);
  }
});
