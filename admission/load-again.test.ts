import { expect, test } from "bun:test";
import { ridOf } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { listedClaims, loadLecture } from "../test/load-lecture.ts";
import { lectureOf, loaderOf } from "../test/rooms/admission.ts";
import { openTestRedis, randomLectureId } from "../test/servers.ts";
import { readAvailability } from "./availability.ts";
import { claim } from "./claim.ts";
import { findClaim } from "./find-claim.ts";
import { beginLoad, type ClaimSource, goOnLoading, type LoadedClaim } from "./load.ts";
import { openAdmission } from "./opening.ts";

const redis = openTestRedis();
await openAdmission(redis);

/** Loads a ready lecture again, as after a restart of Redis. */
async function loadAgain(lectureId: string, source: ClaimSource): Promise<void> {
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
  };
}

test.each(["before", "after"] as const)(
  "a confirmed seat is loaded although its user's rejected rid comes %s it",
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
    await loadAgain(lectureId, inThisOrder(pages));
    expect(await findClaim(redis, { lectureId, userId: "u1" })).toMatchObject({ rid: confirmed });
    expect(await redis.zcard(redisKeys.held(lectureId))).toBe(0);
    expect(await readAvailability(redis, lectureId)).toMatchObject({ remaining: 2 });
  },
);

test("loading a confirmed seat leaves another rid's held claim to its decision", async () => {
  const lectureId = randomLectureId();
  const [held, confirmed] = [ridOf(lectureId, "u1", "held"), ridOf(lectureId, "u1", "confirmed")];
  await loadLecture(redis, lectureOf(lectureId), listedClaims());
  await claim(redis, { lectureId, userId: "u1", rid: held });
  await loadAgain(
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
