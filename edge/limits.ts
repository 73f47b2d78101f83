import { Ratelimit } from "@upstash/ratelimit";
import type { UserId } from "../contract/ids.ts";
import type { Bucket } from "./config.ts";
import { createLocalBuckets } from "./local-buckets.ts";
import type { EdgeMetrics } from "./metrics.ts";
import type { RoundTrips } from "./round-trips.ts";

/** `unknown`: Redis did not answer. That is no leave to pass: a booking that nobody counted would be one. */
export type LimitAnswer = { outcome: "passed" } | Limited | { outcome: "unknown"; error: unknown };

export interface Limited {
  outcome: "limited";
  retryAfterMs: number;
}

/** What came of a question that travelled with the tokens; undefined where it was not asked, for want of a token. */
export type AlongAnswer<Answer> =
  | { limit: Limited; along: undefined }
  | { limit: LimitAnswer; along: PromiseSettledResult<Answer> };

/** The token buckets that requests pay into before they reach the seats. */
export interface Limits {
  /** Takes one token of the address. */
  takeOfAddress(address: string): Promise<LimitAnswer>;
  /** Takes one token of the user and one of the address, in one Redis round trip. */
  take(userId: UserId, address: string): Promise<LimitAnswer>;
  /**
   * The same, and asks something of Redis on the way, in the same round trip: `ask` has to send its command before it returns. It is asked
   * where this isolate knows of a token left, and Redis' own count comes back beside its answer: see ARCHITECTURE.md, "Limits".
   */
  takeAlong<Answer>(
    userId: UserId,
    address: string,
    ask: () => Answer | Promise<Answer>,
  ): Promise<AlongAnswer<Answer>>;
}

/** Counts what the buckets decide. */
export function countLimits(limits: Limits, { limits: decisions }: EdgeMetrics): Limits {
  function count<Answer extends LimitAnswer>(answer: Answer): Answer {
    decisions.of(answer.outcome).value += 1;
    return answer;
  }
  return {
    takeOfAddress: async (address) => count(await limits.takeOfAddress(address)),
    take: async (userId, address) => count(await limits.take(userId, address)),
    async takeAlong(userId, address, ask) {
      const answer = await limits.takeAlong(userId, address, ask);
      count(answer.limit);
      return answer;
    },
  };
}

/** Opens the buckets; what is in them lives in Redis. */
export function openLimits(
  { redis, together }: RoundTrips,
  buckets: { user: Bucket; address: Bucket },
): Limits {
  const [ofUser, ofAddress] = [openBucket("user"), openBucket("address")];

  function openBucket(name: "user" | "address") {
    const { tokens, refillPerS } = buckets[name];
    // The algorithm without what the class puts around it: a timeout that ends in success and would let everybody through, a memory that grows
    // without end, lists of denied names and statistics.
    const limiter = Ratelimit.tokenBucket(refillPerS, "1 s", tokens)();
    const prefix = `lectern:limit:${name}`;
    const context = { redis, prefix };
    const local = createLocalBuckets(buckets[name]);
    return {
      takeHere: local.take,
      takeThere: (id: string) => limiter.limit(context, `${prefix}:${id}`),
      learn(id: string, taken: PromiseSettledResult<Taken>) {
        if (taken.status === "fulfilled") local.learn(id, taken.value.remaining);
      },
    };
  }

  async function takeAlong<Answer>(
    userId: UserId,
    address: string,
    ask: () => Answer | Promise<Answer>,
  ): Promise<AlongAnswer<Answer>> {
    const waitMs = ofUser.takeHere(userId) || ofAddress.takeHere(address);
    if (waitMs > 0) return { limit: { outcome: "limited", retryAfterMs: waitMs }, along: undefined };
    const [user, place, along] = await together(() =>
      Promise.allSettled([ofUser.takeThere(userId), ofAddress.takeThere(address), ask()]),
    );
    ofUser.learn(userId, user);
    ofAddress.learn(address, place);
    return { limit: judge(user, place), along };
  }

  return {
    async takeOfAddress(address) {
      const waitMs = ofAddress.takeHere(address);
      if (waitMs > 0) return { outcome: "limited", retryAfterMs: waitMs };
      const [place] = await together(() => Promise.allSettled([ofAddress.takeThere(address)]));
      ofAddress.learn(address, place);
      return judge(place);
    },
    async take(userId, address) {
      return (await takeAlong(userId, address, async () => undefined)).limit;
    },
    takeAlong,
  };
}

/** What Redis says of a token that was asked for. */
interface Taken {
  success: boolean;
  reset: number;
  remaining: number;
}

function judge(...taken: PromiseSettledResult<Taken>[]): LimitAnswer {
  let resetMs: number | undefined;
  for (const answer of taken) {
    if (answer.status === "rejected") return { outcome: "unknown", error: answer.reason };
    if (!answer.value.success) resetMs = Math.max(resetMs ?? 0, answer.value.reset);
  }
  if (resetMs === undefined) return { outcome: "passed" };
  return { outcome: "limited", retryAfterMs: Math.max(0, resetMs - Date.now()) };
}
