import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, identify, isAlive, launch, stop } from "./processes.ts";
import { StackError } from "./stack-error.ts";
import { NEVER } from "./stack-for-test.ts";

const dir = mkdtempSync(join(tmpdir(), "lectern-processes-"));
const children: Child[] = [];

afterAll(async () => {
  for (const { id } of children) await stop(id, 0, NEVER);
  rmSync(dir, { recursive: true });
});

function run(...command: [string, ...string[]]): Child {
  const child = launch(
    { command, env: { PATH: "/usr/bin:/bin" }, cwd: dir },
    join(dir, "test.log"),
  );
  children.push(child);
  return child;
}

test("a process with a recorded pid that started at another time is not touched", async () => {
  const { id } = run("sleep", "60");
  const recorded = { ...id, startTicks: String(Number(id.startTicks) - 1) };
  expect(isAlive(recorded)).toBe(false);
  expect(await stop(recorded, 0, NEVER)).toBe("gone");
  expect(await stop({ ...id, bootId: "another boot" }, 0, NEVER)).toBe("gone");
  expect(isAlive(id)).toBe(true);
});

test("a program is told to end, and has ended when stop answers", async () => {
  const { id, ended } = run("sleep", "60");
  expect(await stop(id, 10_000, NEVER)).toBe("stopped");
  expect(isAlive(id)).toBe(false);
  expect(await ended).toBe("SIGTERM");
});

test("one that does not heed SIGTERM is killed when its time is up", async () => {
  const { id, ended } = run("bash", "-c", "trap '' TERM; echo armed; while true; do sleep 1; done");
  await until(async () => (await Bun.file(join(dir, "test.log")).text()).includes("armed"));
  expect(await stop(id, 100, NEVER)).toBe("killed");
  expect(await ended).toBe("SIGKILL");
});

test("a hurried stop does not wait for the time a program may take", async () => {
  const { id } = run("bash", "-c", "trap '' TERM; echo deaf; while true; do sleep 1; done");
  await until(async () => (await Bun.file(join(dir, "test.log")).text()).includes("deaf"));
  expect(await stop(id, 3_600_000, AbortSignal.abort())).toBe("killed");
});

test("a halted process ends as well", async () => {
  const { id } = run("sleep", "60");
  process.kill(id.pid, "SIGSTOP");
  expect(await stop(id, 10_000, NEVER)).toBe("stopped");
});

test("a started program has its own session: a terminal's Ctrl-C does not reach it", async () => {
  const { id } = run("sleep", "60");
  const stat = await Bun.file(`/proc/${id.pid}/stat`).text();
  const [, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  expect(Number(session)).toBe(id.pid);
});

test("a program that is not there is named", () => {
  expect(() => run("/nowhere/server")).toThrow(StackError);
  expect(() => run("/nowhere/server")).toThrow("/nowhere/server cannot be started");
});

test("nobody has a pid beyond the kernel's range", () => {
  expect(identify(2 ** 30)).toBeUndefined();
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error("not within 60 s");
    await Bun.sleep(10);
  }
}
