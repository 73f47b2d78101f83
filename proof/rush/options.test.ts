import { expect, test } from "bun:test";
import { readCommandLine } from "./options.ts";

test("without arguments 3,000 students rush for 200 seats", () => {
  const { seed, ...rest } = readCommandLine([]);
  const once = { amends: 0, rushes: 1 };
  expect(rest).toEqual({ students: 3_000, seats: 200, opensInS: 5, ...once, json: false });
  expect(seed).toBeWithin(0, 2 ** 32);
});

test("everything can be chosen", () => {
  const args = ["--students", "50", "--seats", "0", "--seed", "9", "--opens-in", "2", "--json"];
  expect(readCommandLine([...args, "--amends", "20", "--rushes", "10"])).toEqual({
    students: 50,
    seats: 0,
    seed: 9,
    opensInS: 2,
    amends: 20,
    rushes: 10,
    json: true,
  });
});

test.each([
  [["--students", "0"], "--students 0: a whole number from 1 to 50000"],
  [["--students", "1e3"], "--students 1e3"],
  [["--seats", "-1"], "--seats"],
  [["--seed", "4294967296"], "--seed 4294967296"],
  [["--opens-in", "1"], "--opens-in 1: a whole number from 2 to 600"],
  [["--crowd"], "--crowd"],
  [["students"], "students"],
])("%p is refused by name", (args, message) => {
  expect(() => readCommandLine(args)).toThrow(message);
});
