import { expect, test } from "bun:test";
import fc from "fast-check";
import fillSource from "../../../catalogue/cache/fill.lua";
import invalidateSource from "../../../catalogue/cache/invalidate.lua";
import lookUpSource from "../../../catalogue/cache/look-up.lua";
import releaseSource from "../../../catalogue/cache/release.lua";
import { cacheKeys } from "../../../contract/names.ts";
import { openTestRedis, randomLectureId } from "../../../test/servers.ts";
import { createRedisData } from "../redis/data.ts";
import { createScripts } from "../redis/lua.ts";

/*
 * Compares the simulated Redis with the real one on the scripts of the cache: the same runs give the
 * same answers. Nothing expires during a run.
 */
const redis = openTestRedis();

const reader = fc.constantFrom("a-1", "b-1");
const writer = fc.constantFrom("w-1", "w-2");
const version = fc.integer({ min: 0, max: 3 }).map(String);
const gen = fc.constantFrom("0", "1");
const json = fc.constantFrom("", '{"id":"7"}');
const hourMs = "3600000";
/** a lecture that is always, or never, to be refreshed */
const refreshBelowMs = fc.constantFrom("7200000", "1");
const markMs = fc.constantFrom("0", hourMs);

const runs = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant("lookUp" as const), reader, refreshBelowMs }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant("fill" as const), reader, gen, version, json }),
    },
    fc.record({ do: fc.constant("invalidate" as const), writer, markMs, version }),
    fc.record({ do: fc.constant("release" as const), reader }),
  ),
  { minLength: 1, maxLength: 20 },
);
type Run = typeof runs extends fc.Arbitrary<(infer Each)[]> ? Each : never;

function scriptOf(run: Run, id: string): [source: string, keys: string[], args: string[]] {
  const { lecture, state, lease, writers } = cacheKeys;
  switch (run.do) {
    case "lookUp": {
      const keys = [lecture(id), state(id), lease(id), writers(id)];
      return [lookUpSource, keys, [run.reader, hourMs, run.refreshBelowMs]];
    }
    case "fill": {
      const args = [run.reader, run.gen, run.version, `${run.version} ${run.json}`];
      return [fillSource, [lecture(id), state(id), lease(id)], [...args, hourMs, hourMs]];
    }
    case "invalidate": {
      const keys = [lecture(id), state(id), writers(id)];
      return [invalidateSource, keys, [run.writer, run.markMs, run.version, hourMs]];
    }
    case "release":
      return [releaseSource, [lease(id)], [run.reader]];
    default:
      return run satisfies never;
  }
}

test("the scripts of the cache answer alike in the simulated Redis and in the real one", async () => {
  let filled = 0;
  await fc.assert(
    fc.asyncProperty(runs, async (sequence) => {
      const id = randomLectureId();
      const data = createRedisData(Date.now);
      const simulate = createScripts(data.command);
      for (const run of sequence) {
        const script = scriptOf(run, id);
        const answer = await redis.eval(...script);
        expect(textOf(simulate(...script))).toEqual(textOf(answer));
        if (answer === "filled") filled += 1;
      }
    }),
    { numRuns: 100 },
  );
  expect(filled).toBeGreaterThan(5);
});

/** Redis' answers come as numbers or as text. */
function textOf(answer: unknown): string {
  return JSON.stringify(Array.isArray(answer) ? answer.map(String) : answer);
}
