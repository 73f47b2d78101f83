import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths } from "./layout.ts";
import { lockHolder, lockStack } from "./lock.ts";
import { identify } from "./processes.ts";
import { writeState } from "./state-file.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lectern-lock-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("a second command is told who is at work, and gets the lock once it is given back", () => {
  const unlock = lockStack(dir, "npm start");
  expect(() => lockStack(dir, "npm run down")).toThrow(`npm start (pid ${process.pid}) is at work`);
  unlock();
  expect(existsSync(paths.lock(dir))).toBe(false);
  lockStack(dir, "npm run down")();
});

test("the lock of a process that is dead is taken over, also when its pid is somebody else's now", () => {
  const self = identify(process.pid);
  writeState(paths.lock(dir), { id: { ...self, startTicks: "1" }, doing: "npm start" });
  expect(lockHolder(dir)).toBeUndefined();
  const unlock = lockStack(dir, "npm test");
  expect(lockHolder(dir)).toMatchObject({ doing: "npm test", id: { pid: process.pid } });
  unlock();
});

test("of many that try at once exactly one gets the lock", async () => {
  const script = `
    import { lockStack } from ${JSON.stringify(join(import.meta.dir, "lock.ts"))};
    try { lockStack(${JSON.stringify(dir)}, "a test"); console.log("got it"); } catch { console.log("refused"); }
    await Bun.stdin.text();`;
  writeState(paths.lock(dir), { id: { pid: 1, startTicks: "1", bootId: "another" }, doing: "a crash" });
  const rivals = Array.from({ length: 6 }, () =>
    Bun.spawn([process.execPath, "-e", script], { stdin: "pipe", stdout: "pipe", stderr: "inherit" }),
  );
  const answers = await Promise.all(rivals.map(({ stdout }) => firstLine(stdout)));
  for (const { stdin } of rivals) stdin.end();
  await Promise.all(rivals.map(({ exited }) => exited));
  expect(answers.sort()).toEqual(["got it", ...Array.from({ length: 5 }, () => "refused")]);
});

/** The rivals stay alive until all have answered, so that no lock becomes a dead one's. */
async function firstLine(output: ReadableStream<Uint8Array>): Promise<string> {
  const { value } = await output.getReader().read();
  return new TextDecoder().decode(value).trim();
}
