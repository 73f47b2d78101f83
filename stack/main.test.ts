import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer } from "node:net";
import { join } from "node:path";
import { paths, ROOT } from "./layout.ts";
import { makePlan } from "./plan.ts";
import { isAlive, launch } from "./processes.ts";
import { programs } from "./programs.ts";
import { recordProcess } from "./records.ts";
import { stackForTest } from "./stack-for-test.ts";

let config: Awaited<ReturnType<typeof stackForTest>>;
beforeAll(async () => {
  config = await stackForTest();
});
afterAll(() => config.remove());

async function run(command: string[], env: Record<string, string> = {}) {
  const own = { LECTERN_STACK_DIR: config.dir, LECTERN_PORT: String(config.basePort) };
  const child = Bun.spawn(command, {
    cwd: ROOT,
    env: { PATH: process.env["PATH"] ?? "", ...own, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

function stack(...args: string[]) {
  return stackWith({}, ...args);
}

function stackWith(env: Record<string, string>, ...args: string[]) {
  return run([process.execPath, "stack/main.ts", ...args], env);
}

test("the status of a stack that never ran is JSON with every part down", async () => {
  const { code, out } = await stack("status", "--json");
  const parts = JSON.parse(out);
  expect(code).toBe(0);
  expect(parts).toHaveLength(8);
  for (const part of parts) expect(Object.keys(part)).toEqual(["name", "pid", "url", "ready"]);
  expect(parts).toContainEqual({
    name: "edge",
    pid: null,
    url: `http://127.0.0.1:${config.basePort}`,
    ready: false,
  });
});

test("addresses are shown without the passwords in them", async () => {
  const MYSQL_URL = "mysql://us@er:hunter2@hunter2@127.0.0.1:1/lectern";
  const { out } = await run([process.execPath, "stack/main.ts", "status", "--json"], { MYSQL_URL });
  expect(out).toContain("mysql://127.0.0.1:1/lectern");
  expect(out).not.toContain("hunter2");
});

test("down has nothing to do where nothing runs", async () => {
  expect(await stack("down")).toMatchObject({ code: 0, out: "nothing is running\n" });
});

/** Wrong settings, which matter to a start alone. */
const WRONG = {
  MYSQL_URL: "mariadb:/nonsense",
  ZOOKEEPER_URL: "h:p//x",
  LECTERN_PORT: "no",
  PARTITIONS: "many",
};

/** A program that passes for the stack's running Redis. */
function runSomething() {
  const command: [string, ...string[]] = ["/bin/sleep", "60"];
  const { id } = launch({ command, env: {}, cwd: config.dir }, paths.log(config.dir, "redis"));
  recordProcess(config.dir, "redis", id);
  return id;
}

test("wrong settings hold up neither down, which stops all, nor logs and status", async () => {
  const id = runSomething();
  expect(await stackWith(WRONG, "logs", "mysql")).toMatchObject({
    err: expect.stringContaining("no log here"),
  });
  expect((await stackWith(WRONG, "down")).code).toBe(0);
  expect(isAlive(id)).toBe(false);
  makePlan(config);
  expect((await stackWith(WRONG, "status")).code).toBe(0);
});

test("a full disk keeps down from stopping nothing", async () => {
  const id = runSomething();
  const command = [programs.prlimit, "--fsize=0", process.execPath, "stack/main.ts", "down"];
  expect(await run(command)).toMatchObject({ code: 0 });
  expect(isAlive(id)).toBe(false);
});

test("a start on a full disk says so in one line", async () => {
  const { code, err } = await run([
    programs.prlimit,
    "--fsize=0",
    process.execPath,
    "stack/main.ts",
    "up",
  ]);
  expect(code).toBe(1);
  expect(err).toMatch(/^lectern: \S+ cannot be written: EFBIG: .*\n$/);
});

test.each([
  [
    "MYSQL_URL",
    "mysql://u:hunter2@db",
    "names no database: mysql://user:password@host:3306/database",
  ],
  [
    "MYSQL_URL",
    "postgres://u:hunter2@db/x",
    "not of the form mysql://user:password@host:3306/database",
  ],
  ["RABBITMQ_URL", "http://u:hunter2@h", "not of the form amqp://user:password@host:5672/vhost"],
  ["ZOOKEEPER_URL", "h:p//x", "not of the form host:2181[,host:2181][/chroot]"],
  ["UPSTASH_REDIS_REST_URL", "redis://hunter2@h", "not of the form https://host"],
  ["NODE_EXTRA_CA_CERTS", "/nowhere/hunter2.pem", "the file cannot be read"],
])(
  "a wrong %s is said in one line, without its value, before anything is started",
  async (name, value, why) => {
    const given = {
      UPSTASH_REDIS_REST_TOKEN: "t",
      UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1",
      [name]: value,
    };
    const { code, out, err } = await stackWith(given, "up");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err.replace(/^warn: .*\n|^Warning: .*\n/gm, "")).toBe(
      `lectern: wrong settings: ${name}: ${why}\n`.replace(
        "vhost\n",
        "vhost, or amqps: with port 5671\n",
      ),
    );
  },
);

test("a log is followed by its part's name only", async () => {
  const { code, err } = await stack("logs", "../secrets");
  expect(code).toBe(1);
  expect(err).toContain("npm run logs -- NAME, with NAME one of edge, origin, worker");
});

test("an option that does not exist is refused", async () => {
  const { code, err } = await stack("up", "--detatch");
  expect(code).toBe(1);
  expect(err).toContain("--detatch");
});

test("a start on a busy port says so in one line, exits 1 and leaves nothing running", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(config.basePort, "127.0.0.1", resolve));
  const { code, out, err } = await stack("up", "--detach");
  await new Promise((resolve) => server.close(resolve));
  expect(code).toBe(1);
  expect(out).toBe("");
  expect(err).toMatch(/^lectern: port \d+ \(edge\) is taken by .*\n$/);
  expect(JSON.parse((await stack("status", "--json")).out)).toSatisfy((parts: { pid: unknown }[]) =>
    parts.every(({ pid }) => pid === null),
  );
});

test("the bootstrap lists its commands when it is given another one", async () => {
  const { code, err } = await run(["node", join(ROOT, "stack/bootstrap.mjs"), "strat"]);
  expect(code).toBe(2);
  expect(err).toContain('no command "strat"');
  for (const name of ["up", "status", "logs", "down", "rush", "audit", "test"])
    expect(err).toContain(`  ${name} `);
});
