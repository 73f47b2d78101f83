import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSystemDatabases, runningSystem } from "../test/system.ts";

const { edgeUrl } = runningSystem();
const databases = openSystemDatabases();
const HOST = `h-${crypto.randomUUID().slice(0, 8)}`;
let dir: string;
let token: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "lectern-cli-"));
  await databases.catalogue.withConnection((connection) =>
    connection.query("INSERT INTO host VALUES (?, 'Physics', UTC_TIMESTAMP(3))", [HOST]),
  );
  const signedIn = await lectern(
    "sign-in",
    "--student",
    "20230001",
    "--role",
    "organiser",
    "--hosts",
    HOST,
  );
  token = signedIn.stdout.trim();
});
afterAll(async () => {
  await rm(dir, { recursive: true });
  await databases.close();
});

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

async function lectern(...args: string[]): Promise<Ran> {
  return await lecternWith(
    { LECTERN_EDGE: edgeUrl, ...(token && { LECTERN_TOKEN: token }) },
    ...args,
  );
}

async function lecternWith(env: Record<string, string>, ...args: string[]): Promise<Ran> {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/main.ts`, ...args], {
    env: { PATH: process.env["PATH"] ?? "", TZ: "Asia/Shanghai", ...env },
    cwd: dir,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, stdout, stderr };
}

const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

const NEW = ["--host", HOST, "--title", "光 Light", "--speaker", "王", "--venue", "Hall 1"];

function times(): string[] {
  return ["--starts-at", at(2), "--ends-at", at(3), "--opens-at", at(-1)];
}

async function create(...more: string[]): Promise<string> {
  const made = await lectern(
    "lectures",
    "create",
    ...NEW,
    ...times(),
    "--capacity",
    "5",
    "--json",
    ...more,
  );
  expect(made.code).toBe(0);
  return JSON.parse(made.stdout).id;
}

test("a lecture is made, published, changed, postponed, cancelled: its log has each", async () => {
  const id = await create();
  const json = async (...args: string[]) => JSON.parse((await lectern(...args, "--json")).stdout);
  expect(await json("lectures", "show", id)).toMatchObject({ published: false, capacity: 5 });
  expect(await json("lectures", "publish", id)).toMatchObject({ published: true, version: 2 });
  const changed = await lectern("lectures", "amend", id, "--capacity", "7", "--title", "Quanta");
  expect(changed.stdout).toMatch(/^title +Quanta$/m);
  expect(changed.stdout).toMatch(/^capacity +7$/m);
  const stale = await lectern("lectures", "amend", id, "--capacity", "9", "--if-version", "1");
  expect([stale.code, stale.stderr]).toEqual([
    1,
    expect.stringContaining("The lecture has changed meanwhile.\nLook at it with lectures show"),
  ]);
  expect(
    await json("lectures", "postpone", id, "--starts-at", at(50), "--ends-at", at(51)),
  ).toMatchObject({ version: 4 });
  expect((await lectern("lectures", "cancel", id)).code).toBe(0);
  const log = (await lectern("lectures", "log", id)).stdout;
  expect(log.split("\n").filter((line) => line.includes("applied")).length).toBe(5);
  expect(
    (await lectern("lectures", "list", "--host", HOST, "--state", "cancelled")).stdout,
  ).toContain(id);
});

test("the same key makes one lecture, and the key is told", async () => {
  const [key, fixed] = [crypto.randomUUID(), times()];
  const args = ["lectures", "create", ...NEW, ...fixed, "--capacity", "5", "--json", "--key", key];
  const [one, other] = [await lectern(...args), await lectern(...args)];
  expect(JSON.parse(other.stdout).id).toBe(JSON.parse(one.stdout).id);
  expect(one.stderr).toBe(`key ${key}\n`);
});

test("students are booked for, listed, exported; a row without a seat is a failure", async () => {
  const id = await create("--publish", "--capacity", "2");
  const until = Date.now() + 10_000;
  while (!(await fetch(`${edgeUrl}/api/lectures/${id}/availability`)).ok && Date.now() < until)
    await Bun.sleep(50);
  const booked = await lectern("lectures", "book", id, "--students", "20230001,20230002");
  expect([booked.code, booked.stdout]).toEqual([0, expect.stringContaining("\n2 confirmed\n")]);
  await Bun.write(join(dir, "students.csv"), "学号\n20230003\n");
  const late = await lectern("lectures", "book", id, "--file", "students.csv");
  expect([late.code, late.stdout, late.stderr]).toEqual([
    1,
    expect.stringMatching(/2 +20230003 +refused +All seats are taken\./),
    expect.stringContaining("lectern: 1 of 1 rows have no seat"),
  ]);
  expect((await lectern("lectures", "reservations", id)).stdout).toMatch(/20230001 +confirmed/);
  const saved = await lectern("lectures", "reservations", id, "--csv", "seats.csv");
  expect(saved.stderr).toBe("seats.csv is written\n");
  const lines = (await Bun.file(join(dir, "seats.csv")).text()).trim().split("\r\n");
  expect(lines.length).toBe(3);
  expect(await readdir(dir)).not.toContain("seats.csv.part");
});

test("an export imports without a change; a wrong file says where, and makes nothing", async () => {
  await create();
  expect((await lectern("lectures", "export", "lectures.csv", "--host", HOST)).code).toBe(0);
  const again = await lectern("lectures", "import", "lectures.csv");
  expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/\n\d+ unchanged\n$/)]);
  const header = "host,title,speaker,venue,starts_at,ends_at,opens_at,capacity";
  const row = `${HOST},Imported,P,H,${at(2)},${at(3)},${at(1)}`;
  await Bun.write(join(dir, "wrong.csv"), `${header}\n${row},5\n${row},many\n`);
  const wrong = await lectern("lectures", "import", "wrong.csv", "--dry-run");
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringContaining("  line 3 capacity: capacity must be a whole number"),
  ]);
  await Bun.write(join(dir, "right.csv"), `${header}\n${row},5\n`);
  expect((await lectern("lectures", "import", "right.csv", "--dry-run")).stdout).toContain(
    "1 valid",
  );
  const [one, other] = [
    await lectern("lectures", "import", "right.csv"),
    await lectern("lectures", "import", "right.csv"),
  ];
  // The same file has the same key, so its lectures are there once.
  expect([one.code, other.stdout]).toEqual([0, one.stdout]);
});

test("a token is kept in a file that only its owner reads, and read from there", async () => {
  const file = join(dir, "token");
  const role = ["--role", "organiser", "--hosts", HOST];
  const kept = await lectern("sign-in", "--student", "20230001", ...role, "--token-file", file);
  expect([kept.stdout, (await stat(file)).mode & 0o777]).toEqual(["", 0o600]);
  const env = { LECTERN_EDGE: edgeUrl };
  const hosts = await lecternWith(env, "hosts", "list", "--token-file", file);
  expect(hosts.stdout).toContain(HOST);
});

test("each mistake ends in one line and a next step, uncoloured where nobody looks", async () => {
  const env = { LECTERN_EDGE: edgeUrl };
  const stranger = await lecternWith(env, "lectures", "list");
  expect([stranger.code, stranger.stderr]).toEqual([
    1,
    expect.stringMatching(/^lectern: Please sign in\.\nGive a token by LECTERN_TOKEN/),
  ]);
  const chinese = await lecternWith({ ...env, LANG: "zh_CN.UTF-8" }, "lectures", "list");
  expect(chinese.stderr).toStartWith("lectern: 请先登录。\n");
  const nowhere = await lectern("lectures", "list", "--edge", "http://127.0.0.1:9");
  expect([nowhere.code, nowhere.stderr]).toEqual([
    1,
    expect.stringContaining("no answer from http://127.0.0.1:9"),
  ]);
  const missing = await lectern("lectures", "show", "999999999999999");
  expect(missing.stderr).toContain(
    "There is no such lecture.\nIt does not exist, or the token names",
  );
  const noFile = await lectern("lectures", "import", "nothing.csv");
  expect([noFile.code, noFile.stderr.includes("    at ")]).toEqual([1, false]);
  for (const args of [
    ["lectures", "fly"],
    ["lectures", "show"],
    ["lectures", "list", "--many"],
    ["lectures", "amend", "1"],
    ["lectures", "list", "--limit", "x"],
  ]) {
    const wrong = await lectern(...args);
    expect([args, wrong.code, wrong.stdout]).toEqual([args, 2, ""]);
    expect(wrong.stderr).toContain("usage: npm run lectern --");
  }
  const help = await lectern("lectures", "amend", "--help");
  expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("--if-version N")]);
  expect(stranger.stderr + help.stdout).not.toContain("\u001b[");
});
