import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockHolder, lockStack } from "./lock.ts";
import { launch, stop } from "./processes.ts";
import { NEVER } from "./stack-for-test.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "lectern-lock-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("a second command is told who is at work, and gets the lock once it is given back", () => {
  const unlock = lockStack(dir, "npm start");
  expect(() => lockStack(dir, "npm run down")).toThrow(`npm start (pid ${process.pid}) is at work`);
  unlock();
  expect(lockHolder(dir)).toBeUndefined();
  lockStack(dir, "npm run down")();
});

test("the lock of a process that was killed is free", async () => {
  const rival = compete();
  expect(await firstLine(rival.stdout)).toBe("got it");
  expect(() => lockStack(dir, "npm start")).toThrow(`a rival (pid ${rival.pid}) is at work`);
  rival.kill("SIGKILL");
  await rival.exited;
  expect(lockHolder(dir)).toBeUndefined();
  lockStack(dir, "npm start")();
});

test("a program that was started under the lock does not keep it", async () => {
  const unlock = lockStack(dir, "npm start");
  const server = launch(
    { command: ["/bin/sleep", "60"], env: {}, cwd: dir },
    join(dir, "server.log"),
  );
  unlock();
  lockStack(dir, "npm run down")();
  await stop(server.id, 1_000, NEVER);
});

test("of many that try at once exactly one gets the lock", async () => {
  const rivals = Array.from({ length: 6 }, compete);
  const answers = await Promise.all(rivals.map(({ stdout }) => firstLine(stdout)));
  for (const { stdin } of rivals) stdin.end();
  await Promise.all(rivals.map(({ exited }) => exited));
  expect(answers.sort()).toEqual(["got it", ...Array.from({ length: 5 }, () => "refused")]);
});

/** A rival process. It tries to get the lock, reports the outcome, and ends with its input. */
function compete() {
  const script = `
    import { lockStack } from ${JSON.stringify(join(import.meta.dir, "lock.ts"))};
    let outcome = "got it";
    try { lockStack(${JSON.stringify(dir)}, "a rival"); } catch { outcome = "refused"; }
    console.log(outcome);
    await Bun.stdin.text();`;
  return Bun.spawn([process.execPath, "-e", script], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
}

async function firstLine(output: ReadableStream<Uint8Array>): Promise<string> {
  const { value } = await output.getReader().read();
  return new TextDecoder().decode(value).trim();
}
