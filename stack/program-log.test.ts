import { afterAll, expect, test } from "bun:test";
import { appendFileSync, closeSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { complaintIn, openLog } from "./program-log.ts";

const dir = mkdtempSync(join(tmpdir(), "lectern-log-"));
afterAll(() => rmSync(dir, { recursive: true }));

function outputOf(name: string, before: string, text: string) {
  const log = join(dir, name);
  appendFileSync(log, before);
  const { output, fd } = openLog(log);
  closeSync(fd);
  appendFileSync(log, text);
  return { log, complaint: complaintIn(output) };
}

test("the line that speaks of an error is told, not the last words after it", () => {
  const { log, complaint } = outputOf("a.log", "", "starting\n[ERROR] The disk is full\nAborting\nBun v1\n");
  expect(complaint).toBe(`[ERROR] The disk is full (${log})`);
});

test("errors of earlier runs are not told again", () => {
  const { log, complaint } = outputOf("b.log", "error: of yesterday\n", "hello\nbye\n");
  expect(complaint).toBe(`bye (${log})`);
});

test("a program that wrote nothing is said to have written nothing", () => {
  const { log, complaint } = outputOf("c.log", "error: of yesterday\n", "");
  expect(complaint).toBe(`it wrote nothing (${log})`);
});
