import { expect, test } from "bun:test";
import { flag, readOnlyOptions, readOptions, seed, text, whole } from "./options.ts";

const spec = {
  rounds: whole(7, 1, 99),
  minutes: whole(undefined, 1, 60),
  json: flag,
  dir: text("here"),
};

test("an option that is left out has its usual value", () => {
  expect(readOnlyOptions([], spec)).toEqual({
    rounds: 7,
    minutes: undefined,
    json: false,
    dir: "here",
  });
});

test("an option is read by its kind, and other words are kept apart", () => {
  const args = ["edge", "--rounds", "3", "--json", "--dir", "there", "worker"];
  expect(readOptions(args, spec)).toEqual({
    options: { rounds: 3, minutes: undefined, json: true, dir: "there" },
    words: ["edge", "worker"],
  });
});

test.each([
  [["--rounds", "0"], "--rounds 0: a whole number from 1 to 99"],
  [["--rounds", "1e1"], "--rounds 1e1"],
  [["--rounds", "-1"], "--rounds"],
  [["--round", "3"], "--round"],
  [["--json=no"], "--json"],
  [["edge"], 'what is "edge"?'],
])("%p is refused by name", (args, message) => {
  expect(() => readOnlyOptions(args, spec)).toThrow(message);
});

test("a seed that is left out is any one within its bounds", () => {
  for (let time = 0; time < 100; time += 1)
    expect(readOnlyOptions([], { seed: seed(3) }).seed).toBeWithin(0, 4);
  expect(readOnlyOptions(["--seed", "3"], { seed: seed(3) }).seed).toBe(3);
});
