import { createHash } from "node:crypto";
import { Redis } from "@upstash/redis";
import { RedisClient } from "bun";
import { claimCommand, claimScript } from "../../../../admission/claim.ts";
import { redisKeys } from "../../../../contract/names.ts";
import { libraryBucket, sourceOf } from "../../../../edge/ratelimit-internals.ts";
import type { StackEnvironment } from "../../../../stack/environment.ts";
import { randomLectureId } from "../../../../test/servers.ts";
import { prepareCommands } from "../../commands.ts";

/** An edge's requests for one booking, in JSON: a token of the user, one of the address, a claim. */
export interface Booking {
  ofUser: string;
  ofAddress: string;
  claim: string;
}

const BOOKINGS = 1_000;
/** Enough that no request is refused during the measurement. */
const TOKENS = 1_000_000_000;
const LECTURE = {
  opensAtMs: "0",
  closesAtMs: "9999999999999",
  capacity: "1000000",
  cancelled: "0",
  ready: "1",
};

/**
 * Opens a lecture in Redis. Returns bookings of it with the scripts of @upstash/ratelimit and
 * admission/, each loaded into Redis.
 */
export async function prepareBookings(environment: StackEnvironment) {
  const {
    REDIS_URL = "",
    UPSTASH_REDIS_REST_URL: url,
    UPSTASH_REDIS_REST_TOKEN: token,
  } = environment;
  const redis = new RedisClient(REDIS_URL);
  const limiterSource = sourceOf(libraryBucket(1, 1));
  // The limiter's script asks for a flag of Upstash's own. The front removes it, and from then on
  // knows the script by both hashes.
  const asked = createHash("sha1").update(limiterSource).digest("hex");
  const real = String(await new Redis({ url, token }).scriptLoad(limiterSource));
  await redis.send("SCRIPT", ["LOAD", claimScript.source]);
  const lectureId = randomLectureId();
  await redis.send("HSET", [redisKeys.lecture(lectureId), ...Object.entries(LECTURE).flat()]);

  const students = prepareCommands([lectureId], BOOKINGS);
  const bookings = (limiterHash: string): Booking[] => {
    const takeToken = (bucket: string) =>
      JSON.stringify([
        ...["evalsha", limiterHash, 1, `lectern:limit:${bucket}`],
        ...[TOKENS, 1_000, TOKENS, Date.now(), 1],
      ]);
    return students.map((student) => ({
      ofUser: takeToken(`user:${student.userId}`),
      ofAddress: takeToken("address:127.0.0.1"),
      claim: claimCommand(student),
    }));
  };

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
