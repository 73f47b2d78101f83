import { expect, test } from "bun:test";
import { runSteps, type Step } from "./steps.ts";

function step(name: string, needs: string[], run: Step["run"]): Step {
  return { name, needs, run };
}

test("a step begins when all it needs is done, wherever it stands in the list", async () => {
  const done: string[] = [];
  const note = (name: string) => async () => {
    await Bun.sleep(1);
    done.push(name);
    return "";
  };
  const steps = [
    step("last", ["first", "second"], note("last")),
    step("second", ["first"], note("second")),
    step("first", ["not in the list"], note("first")),
  ];
  await runSteps(steps, { quietly: true });
  expect(done).toEqual(["first", "second", "last"]);
});

test("the first failure is thrown once the others rest, and nothing begins after it", async () => {
  let rested = false;
  let began = false;
  const steps = [
    step("fails", [], async () => {
      throw new Error("the disk is full");
    }),
    step("works", [], async (signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await Bun.sleep(1);
      rested = true;
      throw new Error("a consequence");
    }),
    step("after", ["fails"], async () => {
      began = true;
      return "";
    }),
  ];
  await expect(runSteps(steps, { quietly: true })).rejects.toThrow("the disk is full");
  await runSteps(steps, { quietly: true }).catch(() => undefined);
  expect([rested, began]).toEqual([true, false]);
});

test("when thorough, a failure stops only those that need it", async () => {
  const done: string[] = [];
  const does = (name: string) => async () => {
    done.push(name);
    return "";
  };
  const failed = Promise.withResolvers<void>();
  const failing = async () => {
    setTimeout(failed.resolve);
    throw new Error("the worker hangs");
  };
  const waiting = async () => {
    await failed.promise;
    return "";
  };
  const steps = [
    step("is under way", [], waiting),
    step("fails", [], failing),
    { ...step("comes after", [], does("comes after")), after: ["fails"] },
    step("needs it", ["fails"], does("needs it")),
    step("needs that", ["needs it"], does("needs that")),
    step("stands alone", ["is under way"], does("stands alone")),
  ];
  await expect(runSteps(steps, { quietly: true, thorough: true })).rejects.toThrow(
    "the worker hangs",
  );
  expect(done.sort()).toEqual(["comes after", "stands alone"]);
});

test("an interrupt stops the steps that run and those to come", async () => {
  const interrupt = new AbortController();
  const steps = [
    step("runs", [], async (signal) => {
      interrupt.abort(new Error("interrupted"));
      signal.throwIfAborted();
      return "";
    }),
    step("after", ["runs"], () => Promise.reject(new Error("never begun"))),
  ];
  await expect(runSteps(steps, { interrupted: interrupt.signal, quietly: true })).rejects.toThrow(
    "interrupted",
  );
});
