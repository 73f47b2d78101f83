import { afterAll, beforeEach, expect, test } from "bun:test";
import { redisKeys } from "../../contract/names.ts";
import { bodyOf, enterStudent, loadOpenLecture, startEdgeAlone } from "../../test/edge-alone.ts";
import { answerCommand } from "../../test/stub-origin.ts";

const edge = startEdgeAlone({ REDIS_TIMEOUT_MS: "1000", ORIGIN_TIMEOUT_MS: "500" });
afterAll(() => edge.close());
beforeEach(() => edge.origin.answer(answerCommand()));

test("a student in none of the groups is not_eligible in en and zh and holds nothing", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { audience: ["cs-2024", "物理学院"] });
  for (const groups of [undefined, [], ["arts"], ["cs"]]) {
    const { userId, press } = await enterStudent(edge, groups);
    const refused = await press(lectureId);
    expect(refused.status).toBe(403);
    expect(await bodyOf(refused)).toMatchObject({ code: "not_eligible" });
    const chinese = await bodyOf(await press(lectureId, { "Accept-Language": "zh" }));
    expect(chinese["title"]).toBe("该讲座仅面向特定群体开放，您不在其中。");
    expect(await edge.redis.hget(redisKeys.claims(lectureId), userId)).toBeNull();
    expect(await edge.redis.exists(redisKeys.throttle(lectureId, userId))).toBe(0);
  }
});

test("a student in one of its groups gets a seat; without an audience, anybody does", async () => {
  const lectureId = await loadOpenLecture(edge.redis, { audience: ["cs-2024", "物理学院"] });
  const { press } = await enterStudent(edge, ["arts", "物理学院"]);
  expect((await press(lectureId)).status).toBe(202);
  const open = await loadOpenLecture(edge.redis);
  expect((await (await enterStudent(edge)).press(open)).status).toBe(202);
});
