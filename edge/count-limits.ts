import type { LimitAnswer, Limits } from "./limits.ts";
import type { EdgeMetrics } from "./metrics.ts";

/** Counts the decisions of the buckets. */
export function countLimits(limits: Limits, { limits: decisions }: EdgeMetrics): Limits {
  function count<Answer extends LimitAnswer>(answer: Answer): Answer {
    decisions.of(answer.outcome).value += 1;
    return answer;
  }
  return {
    takeOfAddress: async (address) => count(await limits.takeOfAddress(address)),
    take: async (userId, address) => count(await limits.take(userId, address)),
    async takeAlong(userId, address, commandAlong) {
      const answer = await limits.takeAlong(userId, address, commandAlong);
      count(answer.limit);
      return answer;
    },
  };
}
