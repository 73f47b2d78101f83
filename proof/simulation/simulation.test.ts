import { expect, test } from "bun:test";
import { explore } from "./explore.ts";
import { readKills } from "./hunt.ts";
import { mutants } from "./mutants.ts";
import { mutated } from "./plant.ts";
import { makeIntents } from "./rids.ts";
import { run } from "./run.ts";
import { walk } from "./walk.ts";
import { walkTogether } from "./walkers.ts";
import { warmUp } from "./warm-up.ts";

await warmUp();
const intents = makeIntents();

test("every guarantee holds after each of 50,000 steps", async () => {
  const walked = await walk({ seed: 1, stride: 1, steps: 50_000, limitMs: 60_000 });
  expect(walked.breach).toBeUndefined();
  expect(walked.steps).toBeGreaterThanOrEqual(50_000);
});

test("a seed gives the same world, step by step", () => {
  const traceOf = (seed: number) => {
    const lines: string[] = [];
    run({ seed, intents, trace: (line) => lines.push(line) });
    return lines.map(withoutTokens);
  };
  expect(traceOf(7)).toEqual(traceOf(7));
  expect(traceOf(7)).not.toEqual(traceOf(8));
});

/** A load's token is an arbitrary random name; a trace may truncate it. */
function withoutTokens(line: string): string {
  return line.replace(/[0-9a-f]{8}-[0-9a-f-]{20,27}/g, "token");
}

test.each([
  ["three users with a crash", { users: 3, capacity: 2, claimLosses: 0 }],
  [
    "a user who claims twice, since Redis lost the first claim,",
    { users: 1, capacity: 1, claimLosses: 1 },
  ],
])("every interleaving of %s keeps every guarantee", (_, small) => {
  const world = { name: "test", ...small, cancels: 0, crashes: 1, channelLosses: 0 };
  const explored = explore(world, intents);
  expect(explored.breach).toBeUndefined();
  expect(explored.complete).toBe(true);
  expect(explored.states).toBeGreaterThan(100);
});

test.each(mutants)("$name: the mistake still fits its file", async (mutant) => {
  expect(await mutated(mutant)).not.toBe(await Bun.file(mutant.file).text());
});

test("every mistake has a seed, and the real code passes that world", async () => {
  const kills = await readKills();
  expect(Object.keys(kills).sort()).toEqual(mutants.map(({ name }) => name).sort());
  for (const { seed } of Object.values(kills))
    expect(run({ seed, intents }).breach).toBeUndefined();
});

test("a planted mistake is found by its seed", async () => {
  const name = "cancel gives the seat back twice";
  const { seed, guarantee } = (await readKills())[name] ?? { seed: 0 };
  const options = { seed, steps: 1, limitMs: Number.POSITIVE_INFINITY, plant: name, walkers: 1 };
  expect((await walkTogether(options)).breach).toMatchObject({ seed, guarantee });
});
