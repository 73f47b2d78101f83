import { expect, test } from "bun:test";
import { runProgram } from "../../test/run-program.ts";
import { runningSystem } from "../../test/system.ts";

/** The environment of a shell that knows no server. */
const bare = { PATH: process.env["PATH"] ?? "", LECTERN_STACK_DIR: ".stack-test/nothing-here" };

function rush(env: Record<string, string>, ...args: string[]) {
  return runProgram(`${import.meta.dir}/main.ts`, args, env);
}

test("a small rush keeps every promise, and its audit is clean", async () => {
  const { env, edgeUrl } = runningSystem();
  const args = ["--students", "60", "--seats", "7", "--opens-in", "3", "--json"];
  const { code, stdout, stderr } = await rush({ ...bare, ...env, EDGE_URL: edgeUrl }, ...args);
  expect(stderr).toBe("");
  const report = JSON.parse(stdout);
  expect(report.promises.filter(({ count }: { count: number }) => count > 0)).toEqual([]);
  expect(report).toMatchObject({ kept: true, confirmed: 7, audit: { clean: true, unknown: [] } });
  expect(report.audit.lectures).toHaveLength(1);
  expect(code).toBe(0);
});

test("without a running system one line says what to do", async () => {
  const { code, stdout, stderr } = await rush(bare);
  expect(stderr.trim()).toBe("rush: nothing is running: npm start");
  expect(stdout).toBe("");
  expect(code).toBe(2);
});

test("a command line that makes no sense is refused before anything is asked", async () => {
  const { code, stderr } = await rush(bare, "--seats", "many");
  expect(stderr).toContain("--seats many: a whole number");
  expect(stderr).toContain("usage: npm run rush");
  expect(code).toBe(2);
});
