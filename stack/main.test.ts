import { afterAll, beforeAll, expect, test } from "bun:test";
import { createServer } from "node:net";
import { join } from "node:path";
import { ROOT } from "./layout.ts";
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
  return run([process.execPath, "stack/main.ts", ...args]);
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
  const MYSQL_URL = "mysql://user:hunter2@127.0.0.1:1/lectern";
  const { out } = await run([process.execPath, "stack/main.ts", "status", "--json"], { MYSQL_URL });
  expect(out).toContain("mysql://127.0.0.1:1/lectern");
  expect(out).not.toContain("hunter2");
});

test("down has nothing to do where nothing runs", async () => {
  expect(await stack("down")).toMatchObject({ code: 0, out: "nothing is running\n" });
});

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
