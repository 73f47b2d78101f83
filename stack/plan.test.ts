import { afterAll, beforeAll, expect, test } from "bun:test";
import { urlsOfSchemas } from "../database/schemas.ts";
import type { StackConfig } from "./config.ts";
import { environmentOf, runningStack } from "./environment.ts";
import { makePlan, previewPlan, readPlan } from "./plan.ts";
import { identify } from "./processes.ts";
import { forgetProcess, recordProcess } from "./records.ts";
import { stackForTest } from "./stack-for-test.ts";

const self = identify(process.pid);
if (!self) throw new Error("no entry in /proc");
let config: Awaited<ReturnType<typeof stackForTest>>;
beforeAll(async () => {
  config = await stackForTest({
    databases: urlsOfSchemas("mysql://u:p@db.example.invalid/lectern"),
  });
});
afterAll(() => config.remove());

/** Stands in for a running part. */
function whileRunning<T>(use: () => T): T {
  if (!self) throw new Error("unreachable");
  recordProcess(config.dir, "redis", self);
  try {
    return use();
  } finally {
    forgetProcess(config.dir, "redis", self);
  }
}

function start(change: Partial<StackConfig> = {}) {
  return makePlan({ ...config, ...change });
}

test("a later command finds the ports, servers and secrets of the start", () => {
  const plan = start();
  expect(readPlan(config.dir, config.inherited)).toEqual(plan);
});

test("while a part runs, a start that names nothing goes by what runs", () => {
  const plan = start();
  const unset = { basePort: undefined, partitions: undefined, external: {} };
  expect(whileRunning(() => start(unset))).toEqual(plan);
});

test("while a part runs, a start with other settings is refused by their names", () => {
  start();
  const change = {
    basePort: config.basePort + 100,
    external: { databases: urlsOfSchemas("mysql://other.example.invalid/x") },
  };
  expect(() => whileRunning(() => start(change))).toThrow(
    "another LECTERN_PORT, MYSQL_URL: npm run down first",
  );
});

test("while a part runs, another server for one schema is refused by that schema's setting", () => {
  start();
  const change = { external: { databases: { catalogue: "mysql://other.example.invalid/x" } } };
  expect(() => whileRunning(() => start(change))).toThrow(
    "another CATALOGUE_MYSQL_URL: npm run down first",
  );
});

test("when nothing runs, other settings are taken", () => {
  start();
  expect(start({ basePort: 20_000, external: {} })).toMatchObject({
    basePort: 20_000,
    external: {},
  });
});

test("a record of a process that has ended is nothing that runs", () => {
  start();
  if (!self) throw new Error("unreachable");
  recordProcess(config.dir, "redis", { ...self, startTicks: "1" });
  expect(start({ basePort: 20_000 }).basePort).toBe(20_000);
});

test("the environment of a stack names external servers by their own address", () => {
  const environment = environmentOf(start());
  expect(environment.BOOKING_MYSQL_URL).toBe("mysql://u:p@db.example.invalid/lectern");
  expect(environment.PEOPLE_MYSQL_URL).toBe("mysql://u:p@db.example.invalid:3306/lectern_people");
  expect(environment.EDGE_URL).toBe(`http://127.0.0.1:${config.basePort}`);
  expect(environment["REDIS_URL"]).toBe(`redis://127.0.0.1:${config.basePort + 4}`);
});

test("commands are told how to reach what runs, and that nothing runs", () => {
  const plan = start();
  const environment = {
    LECTERN_STACK_DIR: config.dir,
    MYSQL_URL: "mysql://elsewhere.example.invalid/x",
  };
  expect(() => runningStack(environment)).toThrow("nothing is running: npm start");
  expect(whileRunning(() => runningStack(environment))).toEqual(environmentOf(plan));
});

test("a preview keeps nothing", () => {
  const elsewhere = { ...config, dir: `${config.dir}/never-started` };
  expect(previewPlan(elsewhere).basePort).toBe(config.basePort);
  expect(readPlan(elsewhere.dir)).toBeUndefined();
});

test("a replica stays wanted; a run without one or a foreign catalogue refuses it", async () => {
  const own = await stackForTest();
  const begin = (replica?: boolean) => makePlan(replica === undefined ? own : { ...own, replica });
  try {
    expect(begin().replica).toBe(false);
    recordProcess(own.dir, "redis", self);
    expect(() => begin(true)).toThrow("another choice of --replica: npm run down first");
    forgetProcess(own.dir, "redis", self);
    expect(begin(true).replica).toBe(true);
    expect(begin(false).replica).toBe(true);
    expect(environmentOf(begin())["CATALOGUE_REPLICA_URLS"]).toContain("/lectern_catalogue");
  } finally {
    own.remove();
  }
  expect(() => start({ replica: true })).toThrow("CATALOGUE_REPLICA_URLS, without --replica");
});
