import { expect, test } from "bun:test";
import { edgeRoutes, originRoutes } from "../routes.ts";
import { allTargets } from "./targets.ts";
import { tryRoute } from "./try-route.ts";

/** A short look at every route; `proof/hostile/run.ts` sends a hundred times as many inputs. */
const RUNS = 1_000;
const SEED = 1;

const targets = await allTargets();

test("every route of edge and origin is known here, and no other", () => {
  for (const [service, known] of Object.entries({ edge: edgeRoutes, origin: originRoutes })) {
    const routes = targets.filter((target) => target.service === service).map(({ route }) => route);
    expect(routes.sort()).toEqual(Object.keys(known).sort());
  }
});

test.each(targets)(
  "whatever comes to $service $route, the answer is one of its contract",
  async (target) => {
    const tried = await tryRoute(target, { runs: RUNS, seed: SEED });
    expect(tried.failure).toBeUndefined();
    expect(tried.runs).toBe(RUNS);
    // The inputs are useful only if many of them reach the route's own work.
    const past = Object.entries(tried.answers).filter(([name]) => /^[23]\d\d$/.test(name));
    expect(past.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(RUNS / 20);
  },
);
