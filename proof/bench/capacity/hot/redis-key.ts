import { claim } from "../../../../admission/claim.ts";
import type { LectureId } from "../../../../contract/ids.ts";
import { inParallel } from "../../../../pending/in-parallel.ts";
import { loadMissing } from "../../../../worker/load.ts";
import { countCommand } from "../figures/redis.ts";
import { makeLectures, startEmpty, wishMaker } from "../load/lectures.ts";
import type { Bench } from "../measurement.ts";
import { countCpu } from "../system/processes.ts";

/** The claim script in Redis, on the keys of one lecture or of many. */
export interface ClaimRate {
  perS: number;
  /** the CPU of Redis' process for one claim, system calls included, in microseconds */
  redisCpuUs: number;
  /** the time of one run of the script */
  scriptUs: number;
  /** the capacity of Redis' one thread, by its CPU per claim */
  limitPerS: number;
}

export interface RedisKey {
  claimedOne: ClaimRate;
  claimedMany: ClaimRate;
  soldOutOne: ClaimRate;
  soldOutMany: ClaimRate;
}

const MANY = 64;
const CLAIMS = 40_000;
const IN_FLIGHT = 500;

export async function measureRedisKey(bench: Bench): Promise<RedisKey> {
  const { system, clients } = bench;
  await startEmpty(system, clients);
  const [one = ""] = await makeLectures(clients, { count: 1, seats: CLAIMS });
  const many = await makeLectures(clients, { count: MANY, seats: CLAIMS / MANY });
  await loadMissing(clients);
  return {
    claimedOne: await measure(bench, [one], "claimed"),
    claimedMany: await measure(bench, many, "claimed"),
    soldOutOne: await measure(bench, [one], "sold_out"),
    soldOutMany: await measure(bench, many, "sold_out"),
  };
}

async function measure(
  { system, clients }: Bench,
  lectureIds: LectureId[],
  expected: string,
): Promise<ClaimRate> {
  const nextWish = wishMaker(lectureIds);
  const wishes = Array.from({ length: CLAIMS }, nextWish);
  const counted = await countCommand(clients.direct, "evalsha");
  const [countedCpu, startedMs] = [countCpu(system), performance.now()];
  await inParallel(wishes, IN_FLIGHT, async (wish) => {
    const { outcome } = await claim(clients.direct.client, wish);
    if (outcome !== expected) throw new Error(`a claim was answered ${outcome}, not ${expected}`);
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  const redisCpuUs = (countedCpu().parts.redis * 1_000) / CLAIMS;
  return {
    perS: Math.round(CLAIMS / seconds),
    redisCpuUs: Math.round(redisCpuUs * 10) / 10,
    scriptUs: (await counted()).meanUs,
    limitPerS: Math.round(1_000_000 / redisCpuUs),
  };
}
