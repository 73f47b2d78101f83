import { afterAll, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLogLines } from "./log-lines.ts";

const dir = mkdtempSync(join(tmpdir(), "lectern-log-lines-"));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

/** A log on a disk that takes so many more bytes and then none. */
function logOnDisk(name: string) {
  const file = openSync(join(dir, name), "a");
  const disk = { bytesLeft: Number.POSITIVE_INFINITY };
  let lost = 0;
  const writeLine = openLogLines({
    fd: file,
    tellLoss: (lines) => `lost ${lines}`,
    onLost: () => (lost += 1),
    put(to, bytes) {
      if (disk.bytesLeft === 0)
        throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      const taken = writeSync(to, bytes.subarray(0, Math.min(bytes.length, disk.bytesLeft)));
      disk.bytesLeft -= taken;
      return taken;
    },
  });
  const lines = () => readFileSync(join(dir, name), "utf8").split("\n").slice(0, -1);
  return { writeLine, disk, lines, lost: () => lost };
}

test("lines that a full disk refuses are lost, and the next line gives their number", () => {
  const { writeLine, disk, lines, lost } = logOnDisk("full");
  writeLine("one\n");
  disk.bytesLeft = 0;
  for (const line of ["two\n", "three\n"]) writeLine(line);
  expect(lost()).toBe(2);
  disk.bytesLeft = Number.POSITIVE_INFINITY;
  for (const line of ["four\n", "five\n"]) writeLine(line);
  expect(lines()).toEqual(["one", "lost 2", "four", "five"]);
});

test("a line that was taken in part is lost, and the next one begins a line of its own", () => {
  const { writeLine, disk, lines, lost } = logOnDisk("torn");
  disk.bytesLeft = 2;
  writeLine("torn\n");
  writeLine("lost\n");
  disk.bytesLeft = 3;
  writeLine("lost as well\n");
  disk.bytesLeft = Number.POSITIVE_INFINITY;
  writeLine("whole\n");
  expect(lost()).toBe(3);
  expect(lines().at(0)).toBe("to");
  expect(lines().slice(-2)).toEqual(["lost 3", "whole"]);
});

const SERVICE = `
  const { openLog } = await import("./runtime/telemetry/log.ts");
  const { log, families } = openLog({ service: "origin", level: "info" });
  const lost = () => [...families[1].samples()][0].value;
  const toldToGoOn = Bun.stdin.text();
`;

function service(script: string, stdout: number | "pipe") {
  return Bun.spawn([process.execPath, "-e", SERVICE + script], { stdio: ["pipe", stdout, "pipe"] });
}

async function firstWord(output: ReadableStream<Uint8Array>): Promise<string> {
  const { value } = await output.getReader().read();
  return new TextDecoder().decode(value);
}

test("a service lives on while its log takes nothing, and counts what is lost", async () => {
  const full = openSync("/dev/full", "w");
  const child = service(
    `for (let n = 0; n < 3; n += 1) log.info("x");
     while (lost() < 3) await Bun.sleep(1);
     console.error("on");`,
    full,
  );
  closeSync(full);
  child.stdin.end();
  expect([await new Response(child.stderr).text(), await child.exited]).toEqual(["on\n", 0]);
});

test("a service lives on when the reader of its log is gone", async () => {
  const child = service(
    `await toldToGoOn; log.info("a"); log.info("b");
     while (lost() < 2) await Bun.sleep(1);
     console.error("on");`,
    "pipe",
  );
  await (child.stdout as ReadableStream).cancel();
  child.stdin.end();
  expect([await new Response(child.stderr).text(), await child.exited]).toEqual(["on\n", 0]);
});

test("the last words of a process that ends at once are read", async () => {
  const child = service(`log.info("first"); log.fatal("last"); process.exit(3);`, "pipe");
  child.stdin.end();
  const lines = (await new Response(child.stdout as ReadableStream).text()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(["first", "last"]);
  expect(await child.exited).toBe(3);
});

test("a reader that does not read halts no service, and later gets the lost number", async () => {
  const child = service(
    `for (let n = 0; n < 4; n += 1) log.info("x".repeat(400_000));
     console.error(lost()); await toldToGoOn; log.info("last");`,
    "pipe",
  );
  const lost = Number(await firstWord(child.stderr));
  expect(lost).toBeGreaterThan(0);
  const reading = new Response(child.stdout as ReadableStream).text();
  child.stdin.end();
  const [told, last] = (await reading).trim().split("\n").slice(-2);
  expect(JSON.parse(told ?? "")).toMatchObject({ event: "log_lines_lost", lines: lost });
  expect(JSON.parse(last ?? "")).toMatchObject({ msg: "last" });
  expect(await child.exited).toBe(0);
});
