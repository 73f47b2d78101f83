import { expect, test } from "bun:test";
import fc from "fast-check";
import claimSource from "../../../admission/claim.lua";
import fenceSource from "../../../admission/fence.lua";
import beginSource from "../../../admission/load-begin.lua";
import claimsSource from "../../../admission/load-claims.lua";
import dropSource from "../../../admission/load-drop.lua";
import finishSource from "../../../admission/load-finish.lua";
import settleSource from "../../../admission/settle.lua";
import { decidedOf } from "../../../admission/settle.ts";
import termsSource from "../../../admission/terms.lua";
import { scriptWithStricter } from "../../../admission/terms.ts";
import { redisKeys } from "../../../contract/names.ts";
import { openTestRedis, randomLectureId } from "../../../test/servers.ts";
import { createRedisData } from "./data.ts";
import { createScripts, type Reply } from "./lua.ts";

/*
 * Compares the simulated Redis with the real one: the same random runs of the same scripts give the
 * same answers and the same data. The two clocks differ, so windows lie far from now and answers
 * are compared without times.
 */
const redis = openTestRedis();

const [finishScript, fenceScript, termsScript] = [
  scriptWithStricter(finishSource).source,
  scriptWithStricter(fenceSource).source,
  scriptWithStricter(termsSource).source,
];

const user = fc.constantFrom("u1", "u2", "u3");
const rid = fc.constantFrom("1-a", "1-b", "1-c", "1-d");
const status = fc.constantFrom("confirmed", "rejected", "cancelled");
const window = fc.constantFrom("open", "early", "late");

const load = fc.constantFrom("load", "other");
const loader = fc.constantFrom("a", "b");
/** in ms: over at once, or longer than the test */
const lease = fc.constantFrom("0", "3600000");
const step = fc.constantFrom("add:", "add:1-a");

/** A run of one script with drawn arguments, drawn as often as its weight says. */
function draw<Name extends string, Args>(
  weight: number,
  name: Name,
  args: { [Arg in keyof Args]: fc.Arbitrary<Args[Arg]> },
) {
  const run = fc.record({ do: fc.constant(name), ...args });
  return { weight, arbitrary: run as unknown as fc.Arbitrary<{ do: Name } & Args> };
}

const decision = fc.record({ user, rid, status });
const capacity = fc.integer({ min: 0, max: 3 });
const mark = fc.constantFrom("m1", "m2");
const statusOrHeld = fc.oneof(status, fc.constant("held" as const));
const stepOrNone = fc.oneof(step, fc.constant("" as const));

const reload = fc.boolean();
/** an amendment's, or none */
const amendment = fc.constantFrom("", "1-e", "1-f");
const version = fc.constantFrom("1", "2", "3");
const groups = fc.constantFrom("", ",cs,", ",ee,math,");
const audience = fc.constantFrom("", ",cs,", ",cs,math,", ",");
const terms = { window, capacity, audience, cancelled: fc.constantFrom("0", "0", "1") };

const runs = fc.array(
  fc.oneof(
    draw(6, "claim", { user, rid, groups }),
    draw(4, "settle", { decisions: fc.array(decision, { minLength: 1, maxLength: 3 }) }),
    draw(1, "begin", { reload, loader, lease, mark }),
    draw(2, "drop", { load, loader, lease }),
    draw(2, "claims", { user, rid, status: statusOrHeld, load, loader, lease, step: stepOrNone }),
    draw(2, "finish", { ...terms, load, version }),
    draw(1, "fence", { ...terms, amendment }),
    draw(1, "terms", { ...terms, amendment, version }),
  ),
  { minLength: 1, maxLength: 25 },
);
type Run = typeof runs extends fc.Arbitrary<(infer Each)[]> ? Each : never;

const HOUR_MS = 3_600_000;
const opensInMs = { open: -HOUR_MS, early: HOUR_MS, late: -2 * HOUR_MS };

/**
 * The script of a run with its keys and arguments. The throttle expires at once, so that time has
 * no influence.
 */
function scriptOf(
  each: Run,
  id: string,
  nowMs: number,
): [source: string, keys: string[], args: string[]] {
  const [lecture, claims] = [redisKeys.lecture(id), redisKeys.claims(id)];
  const [held, released] = [redisKeys.held(id), redisKeys.released(id)];
  switch (each.do) {
    case "claim":
      return [
        claimSource,
        [lecture, claims, held, released, `${redisKeys.throttle(id, each.user)}`],
        [each.user, each.rid, "1", each.groups],
      ];
    case "settle":
      return [
        settleSource,
        [claims, held, released],
        each.decisions.flatMap((decision) => [
          decision.user,
          decidedOf({ ...decision, claimedAtMs: 5 }),
        ]),
      ];
    case "begin": {
      const args = [each.loader, "load", each.mark, each.lease, each.reload ? "1" : "0"];
      return [beginSource, [lecture], args];
    }
    case "drop":
      return [dropSource, [lecture, claims], [each.load, each.loader, each.lease, "100"]];
    case "claims": {
      const decided =
        each.status === "held"
          ? undefined
          : decidedOf({ ...each, status: each.status, claimedAtMs: 7 });
      const known = decided ?? `h:7:${each.rid}`;
      const next = each.step === "" ? "" : `add:${each.rid}`;
      const args = [each.load, each.loader, each.lease, each.step, next];
      return [claimsSource, [lecture, claims, held, released], [...args, each.user, known]];
    }
    case "finish":
      return [
        finishScript,
        [lecture, claims, released],
        [each.load, each.version, ...termsOf(each, nowMs)],
      ];
    case "fence":
      return [fenceScript, [lecture, claims], [each.amendment, ...termsOf(each, nowMs)]];
    case "terms":
      return [termsScript, [lecture], [each.amendment, each.version, ...termsOf(each, nowMs)]];
  }
}

function termsOf(
  each: Pick<Extract<Run, { do: "fence" }>, keyof typeof terms>,
  nowMs: number,
): string[] {
  const opensAtMs = nowMs + opensInMs[each.window];
  const closesAtMs = opensAtMs + 1.5 * HOUR_MS;
  return [`${opensAtMs}`, `${closesAtMs}`, `${each.capacity}`, each.cancelled, each.audience];
}

/** The two servers have different times of day. */
function withoutTimes(reply: unknown): string {
  return JSON.stringify(reply).replace(/"?\d{6,}"?/g, "time");
}

test("random runs of the scripts end alike in the simulated and in the real Redis", async () => {
  await fc.assert(
    fc.asyncProperty(runs, async (steps) => {
      const id = randomLectureId();
      const nowMs = Date.now();
      let simulatedMs = nowMs;
      const data = createRedisData(() => simulatedMs);
      const runSimulated = createScripts(data.command);
      for (const each of steps) {
        const [source, keys, args] = scriptOf(each, id, nowMs);
        simulatedMs += 10;
        if (each.do === "claim") await redis.del(keys[4] as string);
        const real = await redis.eval(source, keys, args);
        const simulated: Reply = runSimulated(source, keys, args);
        if (each.do === "claim") simulatedMs += 10;
        expect(withoutTimes(simulated)).toBe(withoutTimes(real));
      }
      for (const name of ["lecture", "claims", "released"] as const) {
        const real = fieldsOf((await redis.hgetall(redisKeys[name](id))) ?? []);
        expect(withoutTimes(sorted(Object.fromEntries(data.hashAt(redisKeys[name](id)))))).toBe(
          withoutTimes(sorted(real)),
        );
      }
      const held = await redis.zrange(redisKeys.held(id), 0, -1);
      expect([...data.zsetAt(redisKeys.held(id)).keys()].sort()).toEqual(
        (held as string[]).map(String).sort(),
      );
    }),
    { numRuns: 150 },
  );
});

/** The client returns replies in Redis' form: names and values alternate. */
function fieldsOf(reply: unknown): Record<string, unknown> {
  const flat = reply as unknown[];
  return Object.fromEntries(
    flat.flatMap((name, at) => (at % 2 === 0 ? [[String(name), flat[at + 1]]] : [])),
  );
}

function sorted(fields: Record<string, unknown>): unknown[] {
  return Object.entries(fields)
    .map(([name, value]) => [name, String(value)])
    .sort();
}
