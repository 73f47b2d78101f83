import { expect, test } from "bun:test";
import { readCommandLine, scripts } from "./options.ts";

test("in a rush everybody arrives once, as fast as k6 can make them", () => {
  expect(readCommandLine(["rush"])).toEqual({
    ...{ script: "rush", students: 3_000, seats: 200, rate: 750, seconds: 4, users: 4_500 },
    ...{ warmUp: 8_000, ownStack: false, json: false },
  });
  const args = ["rush", "--students", "20000", "--seats", "1000", "--json", "--own-stack"];
  const big = readCommandLine(args);
  expect(big).toMatchObject({ rate: 800, seconds: 25, users: 4_800, ownStack: true, json: true });
  const short = readCommandLine(["rush", "--students", "1000", "--seconds", "2"]);
  expect(short).toMatchObject({ rate: 500, seconds: 2, users: 3_000 });
});

test("a rush warms its system unless told not to; other scripts take what they find", () => {
  expect(readCommandLine(["rush", "--warm-up", "0"]).warmUp).toBe(0);
  expect(readCommandLine(["storm"]).warmUp).toBe(0);
  expect(readCommandLine(["storm", "--warm-up", "50"]).warmUp).toBe(50);
});

test.each(Object.keys(scripts))(
  "%p has users for those who arrive in two seconds at least",
  (script) => {
    const { rate, users, seconds } = readCommandLine([script]);
    expect(users).toBeGreaterThanOrEqual(Math.min(5_000, 2 * rate));
    expect(seconds).toBeGreaterThan(0);
  },
);

test.each([
  [[], 'no script ""'],
  [["crush"], 'no script "crush"'],
  [["rush", "storm"], 'no script "rush storm"'],
  [["rush", "--students", "0"], "--students 0: a whole number from 1 to 1000000"],
  [["rush", "--rate", "10"], "--rate: a rush is told by --students and --seconds"],
  [["storm", "--seconds", "1.5"], "--seconds 1.5"],
  [["storm", "--users", "none"], "--users none"],
  [["rush", "--warm-up", "-1"], "--warm-up"],
  [["storm", "--fast"], "--fast"],
])("%p is refused by name", (args, message) => {
  expect(() => readCommandLine(args)).toThrow(message);
});
