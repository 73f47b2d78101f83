import { expect, test } from "bun:test";
import { ridOf } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { listedClaims, loadLecture, openTerms } from "../test/load-lecture.ts";
import { openTestRedis, randomLectureId } from "../test/servers.ts";
import { readAvailability } from "./availability.ts";
import { claim } from "./claim.ts";
import { findClaim } from "./find-claim.ts";
import {
  beginLoad,
  type ClaimSource,
  findReady,
  goOnLoading,
  type Load,
  type LoadedClaim,
} from "./load.ts";
import { openAdmission } from "./opening.ts";
import { readRefusing } from "./refusing.ts";
import { settle } from "./settle.ts";

const redis = openTestRedis();
await openAdmission(redis);

function lectureOf(lectureId: string, capacity = 3) {
  const [opensAtMs, closesAtMs] = [Date.now() - 1_000, Date.now() + 60_000];
  return { lectureId, opensAtMs, closesAtMs, capacity, cancelled: false };
}

function claimOf(lectureId: string, userId: string, state: LoadedClaim["state"]): LoadedClaim {
  return { userId, rid: ridOf(lectureId, userId, "k"), state, claimedAtMs: 1 };
}

function loaderOf(name: string, sizes = { dropped: 2, added: 2 }) {
  return { name, mark: "this Redis", sizes };
}

async function begin(lectureId: string, name: string, capacity = 3): Promise<Load> {
  const load = await beginLoad(redis, lectureOf(lectureId, capacity), loaderOf(name));
  if (typeof load === "string") throw new Error(`the load could not be begun: ${load}`);
  return load;
}

/** The state after a dead loader's lease has ended. */
async function endLease(lectureId: string): Promise<void> {
  await redis.hset(redisKeys.lecture(lectureId), { leaseUntilMs: "0" });
}

/** Loads a ready lecture again, as after a restart of Redis. */
async function loadAnew(lectureId: string, source: ClaimSource): Promise<void> {
  const loader = { ...loaderOf("b"), mark: "the next Redis" };
  const load = await beginLoad(redis, lectureOf(lectureId), loader, true);
  if (typeof load === "string") throw new Error(`the load could not be begun: ${load}`);
  expect(await goOnLoading(redis, load, source)).toBe("ready");
}

/** Decisions in exactly this order, one a page. */
function inThisOrder(decisions: LoadedClaim[]): ClaimSource {
  return {
    async decisionsAfter(after) {
      const at = decisions.findIndex(({ rid }) => rid === after) + 1;
      return { claims: decisions.slice(at, at + 1), isLast: at >= decisions.length - 1 };
    },
    held: async () => [],
    terms: async () => openTerms(3),
  };
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

test("a load that begins tells its name and its first step, and another loader goes on with both", async () => {
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

test("a lecture that another loader is at is left alone, and its load comes to its end", async () => {
  const lectureId = randomLectureId();
  const listed = listedClaims(["u1", "u2"].map((user) => claimOf(lectureId, user, "confirmed")));
  const seen: unknown[] = [];
  const look = async () => seen.push(await beginLoad(redis, lectureOf(lectureId), loaderOf("b")));
  const source = {
    decisionsAfter: (after: string) => look().then(() => listed.decisionsAfter(after)),
    held: () => look().then(listed.held),
    terms: listed.terms,
  };
  const load = await begin(lectureId, "a");
  await look();
  expect(await goOnLoading(redis, load, source)).toBe("ready");
  expect(seen).toEqual(["busy", "busy", "busy"]);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 1 });
});

test("a load whose loader has ended is gone on with from its last step", async () => {
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
    terms: async () => openTerms(9),
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
  const source = listedClaims([...confirmed, claimOf(lectureId, "u10", "held")], 20);
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

test("a load that a Redis since restarted has left behind is begun anew", async () => {
  const lectureId = randomLectureId();
  const left = await begin(lectureId, "a");
  const after = { ...loaderOf("b"), mark: "the Redis after" };
  const anew = await beginLoad(redis, lectureOf(lectureId), after);
  expect(anew).toMatchObject({ step: "drop:0" });
  expect(await goOnLoading(redis, left, listedClaims())).toBe("unfinished");
  expect(await goOnLoading(redis, anew as Load, listedClaims())).toBe("ready");
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
    terms: async () => openTerms(9),
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

test("a seat given back while its lecture is loaded is not taken again by what was read before", async () => {
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

test("availability tells every figure of the booking button under its own name", async () => {
  const lecture = { ...lectureOf(randomLectureId(), 7) };
  const { lectureId, opensAtMs, closesAtMs } = lecture;
  const taken = ["u1", "u2"].map((user) => claimOf(lectureId, user, "held"));
  await loadLecture(redis, lecture, listedClaims(taken));
  const told = await readAvailability(redis, lectureId);
  expect(told).toEqual({
    state: "open",
    remaining: 5,
    capacity: 7,
    opensAt: new Date(opensAtMs).toISOString(),
    closesAt: new Date(closesAtMs).toISOString(),
    serverTime: told?.serverTime ?? "",
  });
  expect(Date.parse(told?.serverTime ?? "")).toBeWithin(opensAtMs, closesAtMs);
});

test("availability tells the part of the window by Redis' clock, and nothing of a lecture that is not loaded", async () => {
  const state = async (change: object) => {
    const lectureId = randomLectureId();
    await loadLecture(redis, { ...lectureOf(lectureId), ...change }, listedClaims());
    return (await readAvailability(redis, lectureId))?.state;
  };
  expect(await state({})).toBe("open");
  expect(await state({ opensAtMs: Date.now() + 50_000 })).toBe("upcoming");
  expect(await state({ closesAtMs: Date.now() - 500 })).toBe("closed");
  expect(await state({ capacity: 0 })).toBe("sold_out");
  expect(await state({ cancelled: true })).toBe("cancelled");
  expect(await readAvailability(redis, randomLectureId())).toBeUndefined();
});

test.each([
  { opensAtMs: Number.NaN },
  { closesAtMs: Number.NaN },
  { capacity: Number.NaN },
  { capacity: -1 },
  { opensAtMs: Date.now() + 70_000 },
])("nobody is admitted by terms that make no sense: %p", async (change) => {
  const lectureId = randomLectureId();
  await loadLecture(redis, { ...lectureOf(lectureId), ...change }, listedClaims());
  const rid = ridOf(lectureId, "u1", "k");
  expect(await claim(redis, { lectureId, userId: "u1", rid })).toEqual({ outcome: "not_ready" });
  expect(await readAvailability(redis, lectureId)).toBeUndefined();
  expect(await readRefusing(redis, lectureId)).toBeUndefined();
});

test("the lectures that are ready are told from those that are not, and by the mark they were made ready under", async () => {
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

test.each(["before", "after"] as const)(
  "a confirmed seat is loaded although an older claim of its user, %s it in the order of the rids, was rejected",
  async (order) => {
    const lectureId = randomLectureId();
    const [old, confirmed] = [ridOf(lectureId, "u1", "old"), ridOf(lectureId, "u1", "new")];
    await loadLecture(redis, lectureOf(lectureId), listedClaims());
    await claim(redis, { lectureId, userId: "u1", rid: old });
    const decisions: LoadedClaim[] = [
      { userId: "u1", rid: old, state: "rejected", claimedAtMs: 1 },
      { userId: "u1", rid: confirmed, state: "confirmed", claimedAtMs: 2 },
    ];
    const pages = order === "before" ? decisions : decisions.reverse();
    await loadAnew(lectureId, inThisOrder(pages));
    expect(await findClaim(redis, { lectureId, userId: "u1" })).toMatchObject({ rid: confirmed });
    expect(await redis.zcard(redisKeys.held(lectureId))).toBe(0);
    expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 2 });
  },
);

test("loading a confirmed seat leaves the held claim of another rid to its own decision", async () => {
  const lectureId = randomLectureId();
  const [held, confirmed] = [ridOf(lectureId, "u1", "held"), ridOf(lectureId, "u1", "confirmed")];
  await loadLecture(redis, lectureOf(lectureId), listedClaims());
  await claim(redis, { lectureId, userId: "u1", rid: held });
  await loadAnew(
    lectureId,
    inThisOrder([{ userId: "u1", rid: confirmed, state: "confirmed", claimedAtMs: 2 }]),
  );
  expect(await findClaim(redis, { lectureId, userId: "u1" })).toMatchObject({
    rid: held,
    state: "held",
  });
  expect(await redis.zrange(redisKeys.held(lectureId), 0, -1)).toEqual(["u1"]);
  expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 2 });
});

test("a load forgets what the one it overtook had noted down", async () => {
  const lectureId = randomLectureId();
  await redis.hset(redisKeys.lecture(lectureId), { ready: "0", "out:u1": "k:1:1-a" });
  await loadLecture(redis, lectureOf(lectureId), listedClaims());
  expect(await redis.hlen(redisKeys.claims(lectureId))).toBe(0);
  expect(await redis.hexists(redisKeys.lecture(lectureId), "out:u1")).toBe(0);
});
