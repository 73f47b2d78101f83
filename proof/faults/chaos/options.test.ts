import { expect, test } from "bun:test";
import { readCommandLine } from "./options.ts";

test("a run is 25 schedules from any seed, unless told otherwise", () => {
  expect(readCommandLine([])).toMatchObject({
    schedules: 25,
    mode: "schedules",
    minutes: undefined,
    json: false,
  });
  const one = readCommandLine(["--schedules", "1", "--seed", "9"]);
  expect(one).toMatchObject({ schedules: 1, seed: 9 });
  const soak = readCommandLine(["--soak", "--minutes", "30"]);
  expect(soak).toMatchObject({ mode: "soak", minutes: 30 });
});

test.each([[["--schedules", "0"]], [["--seed", "x"]], [["--soak", "--restarts"]], [["--what"]]])(
  "%p is refused",
  (args) => {
    expect(() => readCommandLine(args)).toThrow();
  },
);
