import { afterAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Keyring } from "../../../contract/keyring.ts";
import { SIGNATURE_HEADER } from "../../../contract/signature.ts";
import { findFreePorts } from "../../../stack/ports.ts";
import { newKeyring, readSecrets } from "../../../stack/secrets.ts";
import { type Runtime, runtimes, serveEdge } from "../../../test/edge-runtimes.ts";
import { eventually } from "../../../test/servers.ts";
import { openSystemDatabases, publishLecture, runningSystem } from "../../../test/system.ts";
import { signatureOf } from "../requests.ts";
import { type Canary, canariesIn, canariesOfKeyring } from "./forms.ts";
import { type Program, runProgram } from "./program.ts";
import { canaryStudent, hostileTraffic } from "./traffic.ts";

const { edgeUrl, originUrl, workerUrl, env } = runningSystem();
const systemDir = process.env["LECTERN_STACK_DIR"] ?? "";
const databases = openSystemDatabases();
const programs: Program[] = [];
afterAll(async () => {
  for (const program of programs) await program.close();
  await databases.close();
});

const secretOf = (name: string): Canary => ({
  name,
  value: `Canary${crypto.randomUUID().replaceAll("-", "")}`,
});

/** Keyrings of no system, and their canaries. */
function freshKeyrings() {
  const keyrings = { EDGE_KEYS: newKeyring(2), SESSION_KEYS: newKeyring(2) };
  const canaries = Object.entries(keyrings).flatMap(([name, keys]) =>
    canariesOfKeyring(name, keys),
  );
  return { keyrings, canaries };
}

/** All secrets of the stack: each entry of its secrets file. */
function systemSecrets(): Canary[] {
  const secrets = readSecrets(systemDir);
  if (!secrets) throw new Error("the running system has no secrets file");
  return Object.entries(secrets).flatMap(([name, value]) =>
    value.includes(":") ? canariesOfKeyring(name, value) : [{ name, value }],
  );
}

test("the logs of the running system hold no secret of it and no word of its users", async () => {
  const secrets = systemSecrets();
  expect(secrets.length).toBeGreaterThanOrEqual(4 + 3 * 4);
  const student = canaryStudent(env);
  await hostileTraffic(edgeUrl, student, await publishLecture(databases));
  const logs = readdirSync(join(systemDir, "logs"));
  expect(logs).toEqual(
    expect.arrayContaining(["edge.log", "origin.log", "worker.log", "redis-http.log", "mysql.log"]),
  );
  const found = logs.flatMap((log) => {
    const text = readFileSync(join(systemDir, "logs", log), "utf8");
    return canariesIn(text, [...secrets, ...student.canaries]).map((name) => `${name} in ${log}`);
  });
  expect(found).toEqual([]);
});

test("the metrics of the running system hold no secret of it and no word of its users", async () => {
  const student = canaryStudent(env);
  await hostileTraffic(edgeUrl, student, await publishLecture(databases));
  const headers = { Authorization: `Bearer ${env["METRICS_TOKEN"]}` };
  for (const url of [edgeUrl, originUrl, workerUrl]) {
    const answer = await fetch(`${url}/metrics`, { headers });
    expect(answer.status).toBe(200);
    expect(canariesIn(await answer.text(), [...systemSecrets(), ...student.canaries])).toEqual([]);
  }
});

/** An address where no server listens. */
const NOBODY = `127.0.0.1:${await findFreePorts(1)}`;

test.each<Runtime>([...runtimes])(
  "the edge on %s says no secret when nothing behind it answers",
  async (runtime) => {
    const token = secretOf("the Redis token");
    const { keyrings, canaries } = freshKeyrings();
    const settings = { ...keyrings, UPSTASH_REDIS_REST_TOKEN: token.value };
    const student = canaryStudent(settings);
    const worlds: Record<string, string>[] = [
      { UPSTASH_REDIS_REST_URL: `http://${NOBODY}`, ORIGIN_URL: `http://${NOBODY}` },
      // Redis answers and refuses the token; the origin answers and refuses the signature.
      { UPSTASH_REDIS_REST_URL: env["UPSTASH_REDIS_REST_URL"] ?? "", ORIGIN_URL: originUrl },
      // Both addresses answer, and each is the wrong server.
      { UPSTASH_REDIS_REST_URL: originUrl, ORIGIN_URL: env["UPSTASH_REDIS_REST_URL"] ?? "" },
    ];
    for (const world of worlds) {
      const edge = await serveEdge(runtime, { ...settings, ...world });
      await hostileTraffic(edge.url, student, "7");
      await edge.close();
      expect(edge.written()).toContain('"degraded"');
      const all = [token, ...canaries, ...student.canaries];
      expect(canariesIn(edge.written(), all)).toEqual([]);
    }
  },
);

test("an edge whose settings are wrong names them and tells none of them", async () => {
  const secret = secretOf("a setting");
  const program = runProgram("edge/bun.ts", {
    UPSTASH_REDIS_REST_URL: `not a url ${secret.value}`,
    UPSTASH_REDIS_REST_TOKEN: secret.value,
    ORIGIN_URL: `http://user:${secret.value}@x/path`,
    EDGE_KEYS: `a:${btoa(secret.value)}`,
    SESSION_KEYS: secret.value,
  });
  await eventually("it has said why", async () => program.written().includes("wrong settings"));
  const written = await program.close();
  expect(canariesIn(written, [secret])).toEqual([]);
});

/** Settings with which every server refuses origin and worker, each with its own secret. */
function refusedEverywhere() {
  const [mysql, rabbitmq, redis] = [
    secretOf("the MySQL password"),
    secretOf("the RabbitMQ password"),
    secretOf("the Redis token"),
  ];
  const { keyrings, canaries } = freshKeyrings();
  const withPassword = (url: string | undefined, { value }: Canary) =>
    (url ?? "").replace(/:[0-9a-f]+@/, `:${value}@`);
  const settings = {
    ...env,
    BOOKING_MYSQL_URL: withPassword(env["BOOKING_MYSQL_URL"], mysql),
    CATALOGUE_MYSQL_URL: withPassword(env["CATALOGUE_MYSQL_URL"], mysql),
    PEOPLE_MYSQL_URL: withPassword(env["PEOPLE_MYSQL_URL"], mysql),
    RABBITMQ_URL: withPassword(env["RABBITMQ_URL"], rabbitmq),
    UPSTASH_REDIS_REST_TOKEN: redis.value,
    ...keyrings,
    DEMO_LOGIN: "1",
    LOG_LEVEL: "trace",
  };
  return { settings, canaries: [mysql, rabbitmq, redis, ...canaries] };
}

/** Other ways in which the same servers do not answer. */
const worlds: [string, Record<string, string>][] = [
  ["refuse the passwords", {}],
  ["are away", { ZOOKEEPER_URL: NOBODY, UPSTASH_REDIS_REST_URL: `http://${NOBODY}` }],
];

test.each(worlds)("the origin says no secret when its servers %s", async (_, world) => {
  const { settings, canaries } = refusedEverywhere();
  const student = canaryStudent(settings);
  const origin = runProgram("origin/main.ts", { ...settings, ...world, ORIGIN_PORT: "0" });
  programs.push(origin);
  const url = await eventually(
    "the origin runs",
    async () => /"url":"(http:[^"]+)\/"/.exec(origin.written())?.[1],
  );
  const rid = `7-${"0".repeat(32)}`;
  const { userId, studentNumber, token, words } = student;
  const command = { rid, lectureId: "7", userId, claimedAtMs: Date.now() };
  const ofKind = (kind: object) => JSON.stringify({ command: { ...command, ...kind }, waitMs: 0 });
  const calls: [string, string, string][] = [
    ["GET", "/lectures", ""],
    ["GET", "/lectures/7", ""],
    ["GET", `/reservations/${rid}?user=${userId}`, ""],
    ["GET", `/reservations/${rid}/events?user=${userId}`, ""],
    ["GET", `/users/${userId}/reservations`, ""],
    ["POST", "/commands", ofKind({ kind: "reserve" })],
    ["POST", "/commands", ofKind({ kind: "cancel", requestedAtMs: 1 })],
    ["POST", "/commands", `{"${words.body}`],
    ["POST", "/auth/demo", JSON.stringify({ studentNumber })],
  ];
  const edgeKeys = Keyring.parse(settings.EDGE_KEYS);
  for (const [method, path, body] of calls) {
    const send = async (address: string, headers: Record<string, string>) =>
      (await fetch(url + address, { method, headers, ...(body && { body }) })).text();
    await send(path, { [SIGNATURE_HEADER]: signatureOf(edgeKeys, { method, path, body }) });
    await send(`${path}#${words.query}`, { Authorization: token });
  }
  await eventually("every server was tried", async () =>
    ["rabbitmq_trouble", "request_failed"].every((event) => origin.written().includes(event)),
  );
  expect(canariesIn(await origin.close(), [...canaries, ...student.canaries])).toEqual([]);
});

test.each(worlds)("the worker says no secret when its servers %s", async (_, world) => {
  const { settings, canaries } = refusedEverywhere();
  const worker = runProgram("worker/main.ts", {
    ...settings,
    ...world,
    ZOOKEEPER_URL: `${world["ZOOKEEPER_URL"] ?? env["ZOOKEEPER_URL"]}/canaries`,
    WORKER_PORT: "0",
  });
  programs.push(worker);
  const says = (word: string) =>
    eventually(`the worker says ${word}`, async () => worker.written().includes(word));
  await says("rabbitmq_trouble");
  if (!("ZOOKEEPER_URL" in world)) await says("load_failed");
  expect(canariesIn(await worker.close(), canaries)).toEqual([]);
});

test.each([
  ["origin/main.ts", "RABBITMQ_URL", "amqp://lectern:SECRET@127.0.0.1:port/"],
  ["origin/main.ts", "RABBITMQ_URL", "amqpSECRET"],
  ["origin/main.ts", "BOOKING_MYSQL_URL", "mysql://lectern:SECRET@127.0.0.1:port/lectern"],
  ["origin/main.ts", "BOOKING_MYSQL_URL", "mysql://lectern:SECRET%ZZ@127.0.0.1:9/lectern?x=SECRET"],
  ["origin/main.ts", "ZOOKEEPER_URL", "SECRET"],
  ["origin/main.ts", "EDGE_KEYS", "a:SECRET"],
  ["worker/main.ts", "RABBITMQ_URL", "amqp://lectern:SECRET@127.0.0.1:port/"],
  ["worker/main.ts", "BOOKING_MYSQL_URL", "mysql://lectern:SECRET@127.0.0.1:port/lectern"],
  ["worker/main.ts", "UPSTASH_REDIS_REST_TOKEN", "SECRET\n"],
  ["worker/main.ts", "UPSTASH_REDIS_REST_URL", "http://:SECRET@127.0.0.1:port"],
  ["redis-front/main.ts", "REDIS_URL", "redis://lectern:SECRET@127.0.0.1:port"],
  ["redis-front/main.ts", "REDIS_URL", "redis://lectern:SECRET@127.0.0.1:9"],
  ["redis-front/main.ts", "REDIS_URL", "REAL"],
  ["redis-front/main.ts", "REDIS_HTTP_TOKEN", "SECRET"],
])("%s with a wrong %s (%s) tells nothing of it", async (entry, name, pattern) => {
  const secret = secretOf(name);
  const real = (env["REDIS_URL"] ?? "").replace("redis://", `redis://lectern:${secret.value}@`);
  const value = pattern === "REAL" ? real : pattern.replaceAll("SECRET", secret.value);
  const ports = { REDIS_HTTP_PORT: "0", ORIGIN_PORT: "0", WORKER_PORT: "0" };
  const settings = { REDIS_HTTP_TOKEN: secret.value, ZOOKEEPER_URL: NOBODY, [name]: value };
  const program = runProgram(entry, { ...env, ...ports, ...settings });
  programs.push(program);
  await eventually("it has said something", async () => program.written().length > 0);
  await Bun.sleep(300);
  expect(canariesIn(await program.close(), [secret])).toEqual([]);
});
