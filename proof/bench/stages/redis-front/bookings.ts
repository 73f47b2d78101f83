import { createHash } from "node:crypto";
import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis";
import { RedisClient } from "bun";
import { claimScript, THROTTLE_MS } from "../../../../admission/claim.ts";
import { redisKeys } from "../../../../contract/names.ts";
import { freshLectureId } from "../../fresh-lecture-id.ts";
import { prepareCommands } from "../prepared-commands.ts";

/** A command as clients of the front write it. */
export type Command = (string | number)[];

/** An edge's requests for one booking: a token of the user, one of the address, a claim. */
export interface Booking {
  ofUser: Command;
  ofAddress: Command;
  claim: Command;
}

const BOOKINGS = 1_000;
const SEATS = "1000000";
/** Enough that no request is refused during the measurement. */
const TOKENS = 1_000_000_000;
const LONG_AGO = "0";
const NEVER = "9999999999999";

/**
 * Opens a lecture in Redis. Returns bookings of it with the scripts of @upstash/ratelimit and
 * admission/, each loaded into Redis.
 */
export async function prepareBookings(at: { redisUrl: string; url: string; token: string }) {
  const redis = new RedisClient(at.redisUrl);
  const limiterSource = await limiterScript();
  // The limiter's script asks for a flag of Upstash's own. The front removes it, and from then on
  // knows the script by both hashes.
  const asked = sha1(limiterSource);
  const real = String(await new Redis(at).scriptLoad(limiterSource));
  await redis.send("SCRIPT", ["LOAD", claimScript.source]);

  const lectureId = freshLectureId();
  const window = [
    "opensAtMs",
    LONG_AGO,
    "closesAtMs",
    NEVER,
    "capacity",
    SEATS,
    "cancelled",
    "0",
    "ready",
    "1",
  ];
  await redis.send("HSET", [redisKeys.lecture(lectureId), ...window]);
  const students = prepareCommands(lectureId, BOOKINGS);

  const bookings = (limiterHash: string): Booking[] =>
    students.map(({ rid, userId }) => {
      const bucket = [TOKENS, 1_000, TOKENS, Date.now(), 1];
      const keys = [
        redisKeys.lecture(lectureId),
        redisKeys.claims(lectureId),
        redisKeys.held(lectureId),
        redisKeys.released(lectureId),
        redisKeys.throttle(lectureId, userId),
      ];
      return {
        ofUser: ["evalsha", limiterHash, 1, `lectern:limit:user:${userId}`, ...bucket],
        ofAddress: ["evalsha", limiterHash, 1, "lectern:limit:address:127.0.0.1", ...bucket],
        claim: [
          "evalsha",
          claimScript.sha1,
          keys.length,
          ...keys,
          userId,
          rid,
          String(THROTTLE_MS),
        ],
      };
    });

  return {
    forOurs: bookings(asked),
    forBare: bookings(real),
    async clear(): Promise<void> {
      for (const key of ["lecture", "claims", "held"] as const)
        await redis.send("DEL", [redisKeys[key](lectureId)]);
      redis.close();
    },
  };
}

/** The limiter sends its script after Redis reports it as unknown. */
async function limiterScript(): Promise<string> {
  const sent: unknown[] = [];
  const redis = {
    evalsha: () => Promise.reject(new Error("NOSCRIPT")),
    eval(source: string) {
      sent.push(source);
      return Promise.resolve([1, 1]);
    },
  };
  const limiter = Ratelimit.tokenBucket(1, "1 s", 1);
  await new Ratelimit({
    redis: redis as unknown as Redis,
    limiter,
    timeout: 0,
    ephemeralCache: false,
  }).limit("nobody");
  return String(sent[0]);
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
