import { expect, test } from "bun:test";
import { enterLane, LANES_SETTING, laneOf } from "./lanes.ts";

const lanes = JSON.stringify([{ REDIS_URL: "redis://one" }, { REDIS_URL: "redis://two" }]);

test("each test process takes the servers of its own lane", () => {
  const environment = { PATH: "/bin", BUN_TEST_WORKER_ID: "2", [LANES_SETTING]: lanes };
  enterLane(environment);
  expect(environment).toEqual({
    PATH: "/bin",
    BUN_TEST_WORKER_ID: "2",
    REDIS_URL: "redis://two",
  } as never);
});

test("a test process without a lane of its own is an error", () => {
  const environment = { BUN_TEST_WORKER_ID: "3", [LANES_SETTING]: lanes };
  expect(() => enterLane(environment)).toThrow("no servers for a process number 3");
});

test("kept servers leave the environment as it is", () => {
  const environment = { REDIS_URL: "redis://kept" };
  enterLane(environment);
  expect(environment).toEqual({ REDIS_URL: "redis://kept" });
});

test("no two lanes share a directory", () => {
  const dirs = [laneOf(0), laneOf(1)].flatMap(({ systemDir, roomsDir }) => [systemDir, roomsDir]);
  expect(new Set(dirs).size).toBe(4);
});
