import { expect, test } from "bun:test";
import * as z from "zod";
import { mutated } from "../plant.ts";
import { cacheMutants } from "./cache-mutants.ts";
import { cacheWorlds } from "./cache-worlds.ts";
import { walkCache } from "./walk-cache.ts";

test.each(cacheWorlds.map((world) => [world.name, world] as const))(
  "%s: in every order of steps the cache ends as MySQL, and nobody is told an older version",
  (_, world) => {
    const { breach, complete, states } = walkCache(world);
    expect(breach).toBeUndefined();
    expect(complete).toBe(true);
    expect(states).toBeGreaterThan(1_000);
  },
);

const Walks = z.array(z.object({ breach: z.optional(z.object({ what: z.string() })) }));

test.each(cacheMutants.map((mutant) => [mutant.name, mutant] as const))(
  "%s: its world finds it",
  async (name, mutant) => {
    await mutated(mutant);
    const child = Bun.spawn([process.execPath, "proof/simulation/cache/main.ts", name], {
      stdout: "pipe",
      stderr: "inherit",
    });
    const walks = Walks.parse(JSON.parse(await new Response(child.stdout).text()));
    expect(walks).toHaveLength(1);
    expect(walks[0]?.breach?.what).toMatch(/^(K1|K2|serial): /);
  },
);
