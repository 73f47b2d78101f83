import { expect, test } from "bun:test";
import { measureRounds } from "./rounds.ts";
import type { Managed } from "./stage.ts";

const close = async () => {};
const onRound = () => {};

/** Returns the values in order, and then the last one repeatedly. */
function inOrder<T>(values: T[]): () => Promise<T> {
  return async () => (values.length > 1 ? values.shift() : values[0]) as T;
}

test("both at once are measured as long as one after the other, in rounds of two seconds", async () => {
  const asked: (number | string)[] = [];
  const warmUp = async () => void asked.push("warm-up");
  const both = async (seconds: number): Promise<Managed> => {
    asked.push(seconds);
    return { ours: 4, bare: 5 };
  };
  const rounds = await measureRounds({ warmUp, both, close }, { rounds: 7, seconds: 3, onRound });
  expect(asked).toEqual(["warm-up", ...Array.from({ length: 3 + 21 }, () => 2)]);
  expect(rounds).toEqual({ oursPerS: 4, barePerS: 5, ratio: 0.8, lowest: 0.8, highest: 0.8 });
});

test("what is measured before the first round counts for nothing", async () => {
  const [cold, warm] = [
    { ours: 1, bare: 10 },
    { ours: 9, bare: 10 },
  ];
  const both = inOrder([cold, cold, cold, warm]);
  const atOnce = await measureRounds({ both, close }, { rounds: 3, seconds: 1, onRound });
  expect(atOnce.lowest).toBe(0.9);
  const sides = { ours: inOrder([1, 9]), bare: inOrder([10]), close };
  expect((await measureRounds(sides, { rounds: 3, seconds: 1, onRound })).lowest).toBe(0.9);
});

test("a round that the machine spoilt for one side does not move the ratio", async () => {
  const [good, spoilt] = [
    { ours: 8, bare: 10 },
    { ours: 2, bare: 10 },
  ];
  const both = inOrder([good, good, good, good, spoilt, good]);
  const rounds = await measureRounds({ both, close }, { rounds: 3, seconds: 1, onRound });
  expect([rounds.ratio, rounds.lowest]).toEqual([0.8, 0.2]);
});

test("in turn, another side comes first each round", async () => {
  const order: string[] = [];
  const side = (name: string) => async () => order.push(name);
  await measureRounds(
    { ours: side("ours"), bare: side("bare"), close },
    { rounds: 2, seconds: 1, onRound },
  );
  expect(order.join(" ")).toBe("bare ours ours bare bare ours");
});
