import { afterAll, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RowDataPacket } from "mysql2/promise";
import { runProgram } from "../../test/run-program.ts";
import { eventually } from "../../test/servers.ts";
import { openSystemDatabases } from "../../test/system.ts";

const databases = openSystemDatabases();
const dirs: string[] = [];
afterAll(async () => {
  await databases.close();
  for (const dir of dirs) rmSync(dir, { recursive: true });
});

/**
 * Runs `load` with a stand-in for k6 on the PATH. It writes a summary, runs the shell script, and
 * presses nothing.
 */
async function load(script: string, ...args: string[]) {
  const dir = mkdtempSync(join(tmpdir(), "lectern-k6-"));
  dirs.push(dir);
  const summary = `
    for given in "$@"; do
      case "$given" in SUMMARY_FILE=*) echo '{"metrics":{}}' > "\${given#*=}";; esac
    done`;
  const version = '[ "$1" = version ] && { echo "k6 v2.0.0 (a stand-in)"; exit; }';
  writeFileSync(join(dir, "k6"), ["#!/bin/sh", version, summary, script].join("\n"));
  chmodSync(join(dir, "k6"), 0o700);
  const stackDir = process.env["LECTERN_STACK_DIR"] ?? "";
  const env = { PATH: `${dir}:${process.env["PATH"]}`, LECTERN_STACK_DIR: stackDir };
  return { dir, ended: runProgram(`${import.meta.dir}/main.ts`, args, env) };
}

async function report(script: string, args = ["storm", "--students", "3"]) {
  const { ended } = await load(script, ...args, "--json");
  const { stdout, code } = await ended;
  return { code, report: JSON.parse(stdout) };
}

test("kept thresholds and a clean audit end with 0, and no token stays on the disk", async () => {
  const { code, report: told } = await report("exit 0");
  expect(code).toBe(0);
  expect(told).toMatchObject({ kept: true, thresholdsKept: true, audit: { clean: true } });
  expect(told.processes.map(({ name }: { name: string }) => name)).toContain("edge");
  expect(await Array.fromAsync(new Bun.Glob("*").scan(told.folder))).toEqual(
    expect.not.arrayContaining(["tokens.json"]),
  );
});

test("a missed threshold ends with 1", async () => {
  const { code, report: told } = await report("exit 99");
  expect(code).toBe(1);
  expect(told).toMatchObject({ kept: false, thresholdsKept: false, audit: { clean: true } });
});

test("before a rush others press for a lecture of their own, which is audited too", async () => {
  const args = ["rush", "--students", "3", "--warm-up", "30"];
  const { code, report: told } = await report("exit 0", args);
  expect(code).toBe(0);
  const [warmedUp, rushed] = told.audit.lectures;
  expect(warmedUp.figures.mysql).toMatchObject({ capacity: 15, remaining: 0, confirmed: 15 });
  expect(rushed).toMatchObject({ lectureId: told.lectureId, figures: { mysql: { confirmed: 0 } } });
});

test("an audit that finds a breach ends with 1", async () => {
  // Its lecture is known by its seats, also beside the lectures of earlier runs.
  const seats = 1_000 + Math.floor(Math.random() * 900_000);
  const waits = 'until [ -e "$(dirname "$0")/go-on" ]; do sleep 0.1; done';
  const run = await load(waits, "storm", "--seats", `${seats}`, "--json");
  const lectureId = await eventually("the lecture of the run is there", () => findLecture(seats));
  await loseSeats(lectureId, 1);
  writeFileSync(join(run.dir, "go-on"), "");
  const { stdout, code } = await run.ended;
  await loseSeats(lectureId, -1);
  expect(JSON.parse(stdout)).toMatchObject({
    lectureId,
    kept: false,
    thresholdsKept: true,
    audit: { clean: false },
  });
  expect(code).toBe(1);
});

test("a script that k6 cannot run ends with 2 and with what k6 said", async () => {
  const { ended } = await load("echo 'level=error msg=\"no such module\"' >&2; exit 107", "smoke");
  const { stderr, stdout, code } = await ended;
  expect(stderr).toContain('load: k6 ended with 107: level=error msg="no such module"');
  expect(stdout).toBe("");
  expect(code).toBe(2);
});

test("more students than the edge has files for are refused before anyone presses", async () => {
  const { ended } = await load("exit 0", "rush", "--users", "100000");
  const { stderr, code } = await ended;
  expect(code).toBe(2);
  expect(stderr).toMatch(/the edge may hold \d+ files at once, .* --users \d+/);
});

async function findLecture(seats: number): Promise<string | undefined> {
  const sql =
    "SELECT id FROM lecture WHERE speaker = 'npm run load' AND capacity = ? AND published";
  const [rows] = await databases.catalogue.withConnection((on) =>
    on.query<RowDataPacket[]>(sql, [seats]),
  );
  return rows[0]?.["id"]?.toString();
}

/** Takes seats from the stock that no student booked. */
async function loseSeats(lectureId: string, count: number): Promise<void> {
  const sql = "UPDATE stock SET remaining = remaining - ? WHERE lecture_id = ?";
  await databases.database.withConnection((on) => on.query(sql, [count, lectureId]));
}
