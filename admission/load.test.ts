import { expect, test } from "bun:test";
import { ridOf } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { listedClaims, loadLecture } from "../test/load-lecture.ts";
import { claimOf, lectureOf, loaderOf } from "../test/rooms/admission.ts";
import { openTestRedis, randomLectureId } from "../test/servers.ts";
import { readAvailability } from "./availability.ts";
import { claim } from "./claim.ts";
import { findClaim } from "./find-claim.ts";
import { beginLoad, findReady, goOnLoading, type Load, type LoadedClaim } from "./load.ts";
import { openAdmission } from "./opening.ts";
import { settle } from "./settle.ts";

const redis = openTestRedis();
await openAdmission(redis);

async function begin(lectureId: string, name: string, capacity = 3): Promise<Load> {
  const load = await beginLoad(redis, lectureOf(lectureId, capacity), loaderOf(name));
  if (typeof load === "string") throw new Error(`the load could not be begun: ${load}`);
  return load;
}

/** The state after a dead loader's lease has ended. */
async function endLease(lectureId: string): Promise<void> {
  await redis.hset(redisKeys.lecture(lectureId), { leaseUntilMs: "0" });
}

/** Lets a load take this many steps. */
function steps(count: number): () => boolean {
  let left = count;
  return () => left-- > 0;
}

test("while a lecture is being loaded it is not ready; afterwards its claims count", async () => {
  const lectureId = randomLectureId();
  const rid = ridOf(lectureId, "u9", "k");
  const during: string[] = [];
  const listed = listedClaims([
    claimOf(lectureId, "u1", "confirmed"),
    claimOf(lectureId, "u2", "held"),
    claimOf(lectureId, "u3", "rejected"),
  ]);
  const press = async () =>
    during.push((await claim(redis, { lectureId, userId: "u9", rid })).outcome);
  const source = {
    decisionsAfter: (after: string) => press().then(() => listed.decisionsAfter(after)),
    held: () => press().then(listed.held),
  };
  expect(await loadLecture(redis, lectureOf(lectureId), source)).toBe("ready");
  expect(during).toEqual(["not_ready", "not_ready"]);
  expect(await readAvailability(redis, lectureId)).toMatchObject({
    state: "open",
    capacity: 3,
    remaining: 1,
  });
  expect(await findClaim(redis, { lectureId, userId: "u2" })).toMatchObject({ state: "held" });
  const rejected = await claim(redis, {
    lectureId,
    userId: "u3",
    rid: ridOf(lectureId, "u3", "k"),
  });
  expect(rejected).toMatchObject({ outcome: "repeated", state: "rejected" });
});

test("a load gives its name and first step, and another loader goes on with both", async () => {
  const lectureId = randomLectureId();
  const { name, step } = await begin(lectureId, "a");
  expect(step).toBe("drop:0");
  expect(name).toBe(String(await redis.hget(redisKeys.lecture(lectureId), "load")));
  await endLease(lectureId);
  expect(await begin(lectureId, "b")).toMatchObject({ name, step });
});

test("a load whose step is taken elsewhere ends, and finishes nothing", async () => {
  const lectureId = randomLectureId();
  const left = await begin(lectureId, "a");
  await redis.hset(redisKeys.lecture(lectureId), { load: "another" });
  expect(await goOnLoading(redis, left, listedClaims())).toBe("unfinished");
  const adding = { ...left, step: "add:" };
  const held = [claimOf(lectureId, "u1", "held")];
  expect(await goOnLoading(redis, adding, listedClaims(held))).toBe("unfinished");
  expect(await goOnLoading(redis, adding, listedClaims())).toBe("unfinished");
  expect(await readAvailability(redis, lectureId)).toBeUndefined();
});

test("loading a lecture that is ready changes nothing", async () => {
  const lectureId = randomLectureId();
  await loadLecture(redis, lectureOf(lectureId), listedClaims());
  await claim(redis, { lectureId, userId: "u1", rid: ridOf(lectureId, "u1", "k") });
  expect(await loadLecture(redis, lectureOf(lectureId, 100), listedClaims())).toBe("ready");
  expect(await readAvailability(redis, lectureId)).toMatchObject({ capacity: 3, remaining: 2 });
});

test("a lecture that another loader loads is left alone, and its load ends", async () => {
  const lectureId = randomLectureId();
  const listed = listedClaims(["u1", "u2"].map((user) => claimOf(lectureId, user, "confirmed")));
  const seen: unknown[] = [];
  const look = async () => seen.push(await beginLoad(redis, lectureOf(lectureId), loaderOf("b")));
  const source = {
    decisionsAfter: (after: string) => look().then(() => listed.decisionsAfter(after)),
    held: () => look().then(listed.held),
  };
  const load = await begin(lectureId, "a");
  await look();
  expect(await goOnLoading(redis, load, source)).toBe("ready");
  expect(seen).toEqual(["busy", "busy", "busy"]);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 1 });
});

test("a load goes on from its last step after its loader has ended", async () => {
  const lectureId = randomLectureId();
  const users = Array.from({ length: 9 }, (_, at) => `u${at}`);
  const claims = users.map((user) => claimOf(lectureId, user, "confirmed"));
  const rids = claims.map(({ rid }) => rid).sort();
  const pages: string[] = [];
  const source = {
    async decisionsAfter(after: string) {
      pages.push(after);
      const page = claims.filter(({ rid }) => rid > after).sort((a, b) => (a.rid < b.rid ? -1 : 1));
      return { claims: page.slice(0, 4), isLast: page.length <= 4 };
    },
    held: async () => [],
  };
  expect(await goOnLoading(redis, await begin(lectureId, "a", 9), source, steps(2))).toBe(
    "unfinished",
  );
  expect(await beginLoad(redis, lectureOf(lectureId, 9), loaderOf("b"))).toBe("busy");
  await endLease(lectureId);
  expect(await goOnLoading(redis, await begin(lectureId, "b", 9), source)).toBe("ready");
  expect(new Set(pages.slice(0, 2))).toEqual(new Set(["", rids[3] ?? ""]));
  expect(pages.slice(2)).toEqual([rids[3] ?? "", rids[7] ?? ""]);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ state: "sold_out" });
});

test("two loaders of one load do each other no harm, however their steps fall", async () => {
  const lectureId = randomLectureId();
  const confirmed = Array.from({ length: 9 }, (_, at) => claimOf(lectureId, `u${at}`, "confirmed"));
  for (const each of confirmed) await settle(redis, lectureId, [{ ...each, status: "confirmed" }]);
  const first = await begin(lectureId, "a", 20);
  await endLease(lectureId);
  const second = await begin(lectureId, "b", 20);
  expect(second.name).toBe(first.name);
  const source = listedClaims([...confirmed, claimOf(lectureId, "u10", "held")]);
  await goOnLoading(redis, second, source, steps(1));
  const outcomes = await Promise.all(
    [first, second].map((load) => goOnLoading(redis, load, source)),
  );
  expect(outcomes).toContain("ready");
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 10 });
});

test("a step that comes late, after another loader has gone on, changes nothing", async () => {
  const lectureId = randomLectureId();
  await settle(redis, lectureId, [
    { ...claimOf(lectureId, "u1", "confirmed"), status: "confirmed" },
  ]);
  const late = await begin(lectureId, "a");
  await endLease(lectureId);
  const source = listedClaims([claimOf(lectureId, "u1", "confirmed")]);
  await goOnLoading(redis, await begin(lectureId, "b"), source, steps(2));
  await goOnLoading(redis, late, source, steps(1));
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toMatchObject({ state: "confirmed" });
});

test("a load that a Redis since restarted has left behind is begun again", async () => {
  const lectureId = randomLectureId();
  const left = await begin(lectureId, "a");
  const after = { ...loaderOf("b"), mark: "the Redis after" };
  const again = await beginLoad(redis, lectureOf(lectureId), after);
  expect(again).toMatchObject({ step: "drop:0" });
  expect(await goOnLoading(redis, left, listedClaims())).toBe("unfinished");
  expect(await goOnLoading(redis, again as Load, listedClaims())).toBe("ready");
  expect(await beginLoad(redis, lectureOf(lectureId), after, true)).toBe("ready");
  expect(await beginLoad(redis, lectureOf(lectureId), loaderOf("b"), true)).toMatchObject({
    step: "drop:0",
  });
});

test("the claims of a large lecture are dropped a few at a time, and held ones stay", async () => {
  const lectureId = randomLectureId();
  const many = 5_000;
  for (let at = 0; at < many; at += 1_000) {
    const claims = Array.from({ length: 1_000 }, (_, index) => [
      `u${at + index}`,
      `k:1:${lectureId}-${at}`,
    ]);
    await redis.hset(redisKeys.claims(lectureId), Object.fromEntries(claims));
  }
  await redis.hset(redisKeys.claims(lectureId), { held: `h:1:${lectureId}-0` });
  const load = await beginLoad(
    redis,
    lectureOf(lectureId),
    loaderOf("a", { dropped: 100, added: 100 }),
  );
  let [left, dropped] = [many + 1, 0];
  while (left > 1) {
    const mayGoOn = steps(1);
    await goOnLoading(
      redis,
      { ...(load as Load), step: await stepOf(lectureId) },
      listedClaims(),
      mayGoOn,
    );
    const now = await redis.hlen(redisKeys.claims(lectureId));
    dropped = Math.max(dropped, left - now);
    left = now;
  }
  expect(dropped).toBeLessThan(many / 10);
  expect(await findClaim(redis, { lectureId, userId: "held" })).toMatchObject({ state: "held" });
});

async function stepOf(lectureId: string): Promise<string> {
  return String(await redis.hget(redisKeys.lecture(lectureId), "step"));
}

test("what is settled between two steps of a load is kept", async () => {
  const lectureId = randomLectureId();
  const rows: LoadedClaim[] = ["u1", "u2", "u3"].map((user) =>
    claimOf(lectureId, user, "confirmed"),
  );
  for (const each of rows) await settle(redis, lectureId, [{ ...each, status: "confirmed" }]);
  const decide = async (user: string, status: "confirmed" | "cancelled") => {
    const each = claimOf(lectureId, user, status);
    if (!rows.some(({ rid }) => rid === each.rid)) rows.push(each);
    await settle(redis, lectureId, [{ ...each, status }]);
  };
  const source = {
    async decisionsAfter(after: string) {
      const page = await listedClaims([...rows]).decisionsAfter(after);
      await decide("u1", "cancelled");
      await decide("u5", "confirmed");
      return page;
    },
    held: async () => [],
  };
  const load = await begin(lectureId, "a", 9);
  await decide("u4", "confirmed");
  await goOnLoading(redis, load, source, steps(1));
  await decide("u6", "confirmed");
  await goOnLoading(redis, { ...load, step: await stepOf(lectureId) }, source);
  const claims = await Promise.all(
    ["u1", "u2", "u3", "u4", "u5", "u6"].map((userId) => findClaim(redis, { lectureId, userId })),
  );
  expect(claims.map((each) => each?.state)).toEqual([undefined, ...Array(5).fill("confirmed")]);
});

test("a seat given back during a load is not taken again by rows read before", async () => {
  const lectureId = randomLectureId();
  const rid = ridOf(lectureId, "u1", "k");
  await loadLecture(redis, lectureOf(lectureId), {
    async decisionsAfter() {
      await settle(redis, lectureId, [{ userId: "u1", rid, status: "cancelled", claimedAtMs: 1 }]);
      return { claims: [{ userId: "u1", rid, state: "confirmed", claimedAtMs: 1 }], isLast: true };
    },
    held: async () => [],
  });
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toBeUndefined();
});

test("findReady names the ready lectures, and with a mark those ready under it", async () => {
  const [loaded, missing, before] = [randomLectureId(), randomLectureId(), randomLectureId()];
  await loadLecture(redis, lectureOf(loaded), listedClaims(), loaderOf("a"));
  await loadLecture(redis, lectureOf(before), listedClaims(), {
    ...loaderOf("a"),
    mark: "the Redis before",
  });
  expect(await findReady(redis, [loaded, missing, before])).toEqual(new Set([loaded, before]));
  expect(await findReady(redis, [loaded, missing, before], "this Redis")).toEqual(
    new Set([loaded]),
  );
  expect(await findReady(redis, [])).toEqual(new Set());
});

test("a load forgets what the one it overtook had noted down", async () => {
  const lectureId = randomLectureId();
  await redis.hset(redisKeys.lecture(lectureId), { ready: "0", "out:u1": "k:1:1-a" });
  await loadLecture(redis, lectureOf(lectureId), listedClaims());
  expect(await redis.hlen(redisKeys.claims(lectureId))).toBe(0);
  expect(await redis.hexists(redisKeys.lecture(lectureId), "out:u1")).toBe(0);
});
