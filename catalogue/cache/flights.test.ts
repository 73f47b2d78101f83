import { expect, test } from "bun:test";
import { createFlights } from "./flights.ts";
import { createLastKnown } from "./last-known.ts";

test("callers during a run share the next one, also after a run that failed", async () => {
  const runs: PromiseWithResolvers<number>[] = [];
  const fly = createFlights((_: string) => {
    const run = Promise.withResolvers<number>();
    runs.push(run);
    return run.promise;
  });
  const first = fly("a");
  const [second, third] = [fly("a"), fly("a")];
  void fly("b");
  expect(runs).toHaveLength(2);
  runs[0]?.reject(new Error("away"));
  await expect(first).rejects.toThrow("away");
  expect(runs).toHaveLength(3);
  runs[2]?.resolve(2);
  expect(await Promise.all([second, third])).toEqual([2, 2]);
  void fly("a");
  expect(runs).toHaveLength(4);
});

test("the last known never gets older, is forgotten after five minutes, stays bounded", () => {
  let nowMs = 0;
  const known = createLastKnown(() => nowMs, { lecturesMax: 2, charactersMax: 10 });
  known.put("1", { version: 2, json: "two" });
  known.put("1", { version: 1, json: "one" });
  expect(known.get("1")).toEqual({ version: 2, json: "two" });
  nowMs = 299_999;
  expect(known.get("1")?.version).toBe(2);
  nowMs = 300_000;
  expect(known.get("1")).toBeUndefined();
  for (const id of ["1", "2", "3"]) known.put(id, { version: 1, json: "1" });
  expect(["1", "2", "3"].map((id) => known.get(id)?.version)).toEqual([undefined, 1, 1]);
  known.put("4", { version: 1, json: "123456789" });
  expect(["2", "3", "4"].map((id) => known.get(id)?.version)).toEqual([undefined, 1, 1]);
});
