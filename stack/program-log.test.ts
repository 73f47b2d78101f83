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
  const { log, complaint } = outputOf(
    "a.log",
    "",
    "starting\n[ERROR] The disk is full\nAborting\nBun v1\n",
  );
  expect(complaint).toBe(`[ERROR] The disk is full (${log})`);
});

test.each([
  ["pino", '{"level":30,"msg":"no error, a cannot and a failed"}'],
  ["RabbitMQ", "2026-11-28 00:00:00.000 [info] <0.1.0> the error logger has started"],
  [
    "RabbitMQ of now",
    "2026-11-28 00:00:00.000000+00:00 [notice] <0.44.0> Logging: error_logger is set up",
  ],
  ["MariaDB", "2026-11-28  0:00:00 0 [Note] InnoDB: the error log is read"],
  [
    "ZooKeeper",
    "2026-11-28T00:00:00.000Z [main] INFO org.apache.zookeeper.ZKTrace - failed sends: 0",
  ],
])("a line of %s that only informs is no cause, whatever it speaks of", (name, line) => {
  const { log, complaint } = outputOf(`info-${name}.log`, "", `${line}\n`);
  expect(complaint).toBe(`it wrote no warning and no error (${log})`);
});

test("of a JSON line its message and its error are told, and a warning before later news", () => {
  const warning =
    '{"level":40,"event":"rabbitmq_trouble","err":{"message":"refused"},"msg":"no connection"}';
  const { log, complaint } = outputOf(
    "json.log",
    "",
    `${warning}\n{"level":30,"msg":"an error? no"}\n`,
  );
  expect(complaint).toBe(`no connection: refused (${log})`);
});

test("errors of earlier runs are not told again", () => {
  const { log, complaint } = outputOf("b.log", "error: of yesterday\n", "hello\nbye\n");
  expect(complaint).toBe(`bye (${log})`);
});

test("a program that wrote nothing is said to have written nothing", () => {
  const { log, complaint } = outputOf("c.log", "error: of yesterday\n", "");
  expect(complaint).toBe(`it wrote nothing (${log})`);
});
