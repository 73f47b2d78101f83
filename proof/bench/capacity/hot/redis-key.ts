import type { LectureId } from "../../../../contract/ids.ts";
import { loadMissing } from "../../../../worker/load.ts";
import { prepareCommands } from "../../commands.ts";
import { rounded } from "../../figures.ts";
import { makeLectures } from "../../lectures.ts";
import { metered } from "../../processes.ts";
import type { Bench } from "../bench.ts";
import { countCommand } from "../figures/redis.ts";
import { claimAll } from "../load/backlog.ts";
import { startEmpty } from "../load/lectures.ts";

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

export async function measureRedisKey(bench: Bench): Promise<RedisKey> {
  await startEmpty(bench);
  const one = await makeLectures(bench.clients, { count: 1, seats: CLAIMS });
  const many = await makeLectures(bench.clients, { count: MANY, seats: CLAIMS / MANY });
  await loadMissing(bench.clients);
  return {
    claimedOne: await measure(bench, one, "claimed"),
    claimedMany: await measure(bench, many, "claimed"),
    soldOutOne: await measure(bench, one, "sold_out"),
    soldOutMany: await measure(bench, many, "sold_out"),
  };
}

async function measure(
  { system, clients }: Bench,
  lectureIds: LectureId[],
  expected: "claimed" | "sold_out",
): Promise<ClaimRate> {
  const commands = prepareCommands(lectureIds, CLAIMS);
  const counted = await countCommand(clients.direct, "evalsha");
  const { seconds, cpu } = await metered(system, () => claimAll(clients, commands, expected));
  const redisCpuUs = (cpu.parts.redis * 1_000) / CLAIMS;
  return {
    perS: Math.round(CLAIMS / seconds),
    redisCpuUs: rounded(redisCpuUs, 1),
    scriptUs: (await counted()).meanUs,
    limitPerS: Math.round(1_000_000 / redisCpuUs),
  };
}
