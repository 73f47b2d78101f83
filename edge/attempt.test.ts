import { expect, test } from "bun:test";
import type { RedisReply } from "../admission/redis-command.ts";
import { attemptClaim } from "./attempt.ts";
import type { EdgeContext } from "./context.ts";
import { createCrowd } from "./crowd.ts";
import type { LimitAnswer } from "./limits.ts";

const intent = {
  lectureId: "7",
  userId: "u",
  rid: "7-0123456789abcdef0123456789abcdef",
  key: "k",
  isKeySent: true,
  groups: [],
  waitMs: 0,
};
const passed = { outcome: "passed" } as const;
const limited = { outcome: "limited", retryAfterMs: 300 } as const;
const uncounted = { outcome: "unknown", error: new Error("no count") } as const;
const claimed: RedisReply = { result: ["claimed", intent.rid, "5"] };
const soldOut: RedisReply = { result: ["sold_out"] };

/** One attempt while the buckets and Redis answer so, and whether it spared the intake's trial. */
async function attempted({
  limit = passed,
  reply = undefined,
  heldRid = undefined,
}: {
  limit?: LimitAnswer;
  reply?: RedisReply | { lost: unknown };
  heldRid?: string;
}) {
  let spared = false;
  const deps = {
    limits: { takeAlong: async () => ({ limit, reply }) },
    crowd: createCrowd({ of: () => undefined }),
    addressOf: () => "192.0.2.1",
    intake: { spared: () => (spared = true) },
    redis: {
      hget: async () => (heldRid ? `h:5:${heldRid}` : null),
      evalsha: async () => ["repeated", heldRid, "held"],
    },
  };
  const attempt = await attemptClaim(
    {} as EdgeContext,
    deps as unknown as Parameters<typeof attemptClaim>[1],
    intent,
  );
  return { attempt, spared };
}

test("a written claim is the answer, whatever the buckets say", async () => {
  const answer = { outcome: "claimed", rid: intent.rid, claimedAtMs: 5 } as const;
  for (const limit of [passed, limited, uncounted])
    expect(await attempted({ limit, reply: claimed })).toEqual({
      attempt: { outcome: "answered", answer },
      spared: false,
    });
});

test("a refused claim is the answer only if the buckets let the request pass", async () => {
  const answered = await attempted({ reply: soldOut });
  expect(answered.attempt).toEqual({ outcome: "answered", answer: { outcome: "sold_out" } });
  for (const limit of [limited, uncounted])
    expect(await attempted({ limit, reply: soldOut })).toEqual({
      attempt: { outcome: "limited", limit },
      spared: true,
    });
});

test("a claim without a readable reply is unknown, whatever the buckets say", async () => {
  const lost = new Error("lost");
  for (const limit of [passed, limited, uncounted]) {
    const attempt = { outcome: "unknown", error: lost } as const;
    expect(await attempted({ limit, reply: { lost } })).toEqual({ attempt, spared: false });
    const { outcome } = (await attempted({ limit, reply: { result: ["what"] } })).attempt;
    expect(outcome).toBe("unknown");
  }
});

test("while no new claims are taken, a holder is answered and nobody else claims", async () => {
  expect((await attempted({})).attempt).toEqual({ outcome: "not_taken" });
  expect((await attempted({ limit: limited })).attempt).toEqual({
    outcome: "limited",
    limit: limited,
  });
  expect((await attempted({ heldRid: intent.rid })).attempt).toEqual({
    outcome: "answered",
    answer: { outcome: "repeated", rid: intent.rid, state: "held" },
  });
});
