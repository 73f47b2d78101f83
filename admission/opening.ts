import { redisNames } from "../contract/names.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { availabilityScript } from "./availability.ts";
import { claimScript } from "./claim.ts";
import { refusingScript } from "./refusing.ts";
import { type AdmissionRedis, type Script, script } from "./script.ts";

/*
 * Admission is open while Redis knows the admitting scripts, which are loaded after every lecture.
 * A Redis that restarted, with all, older or no data, knows no script. Neither does a replica that
 * took over. No such Redis admits before a comparison with the decisions, at no cost to the claim.
 *
 * Redis can restart between the last check and the loading of the scripts, which then open an
 * unloaded Redis. The loader therefore checks again after loading them, and closes admission where
 * Redis is another one. Only then a further script records the check. It names the mark of the
 * checked Redis, so a record that comes late to a restarted Redis says nothing of it. Where the
 * record is missing, the loader may have died before the check: all lectures are loaded again.
 */

type ScriptRedis = Pick<AdmissionRedis, "scriptExists" | "scriptLoad">;
type MarkedRedis = ScriptRedis & Pick<AdmissionRedis, "hget" | "hset">;
type OpeningRedis = MarkedRedis & Pick<AdmissionRedis, "scriptFlush">;

/** The claim comes last: nobody is admitted before it. */
const admitting = [availabilityScript, refusingScript, claimScript];

/** Its presence records the check: the loaded Redis of this mark has the admitting scripts. */
function checkedScript(mark: string): Script {
  return script(`-- admission is open on the Redis of this mark\nreturn "${mark}"`);
}

/** Whether admission was opened on this very Redis. */
export async function isOpen(
  redis: Pick<AdmissionRedis, "hget" | "scriptExists">,
): Promise<boolean> {
  const mark = await redis.hget(redisNames.mark, "name");
  if (mark === null) return false;
  const needed = [...admitting, markScript(String(mark)), checkedScript(String(mark))];
  const known = await redis.scriptExists(...needed.map(({ sha1 }) => sha1));
  return known.every((one) => Number(one) === 1);
}

/** Opens admission: from now on, claims and availability are answered for ready lectures. */
export async function openAdmission(redis: MarkedRedis): Promise<void> {
  const mark = await markOf(redis);
  await admit(redis);
  await redis.scriptLoad(checkedScript(mark).source);
}

async function admit(redis: ScriptRedis): Promise<void> {
  for (const { source } of admitting) {
    await redis.scriptLoad(source);
    crashPoint("loader.half_open");
  }
}

/**
 * Opens admission after `load`, unless Redis restarted meanwhile: its loaded lectures may be gone.
 * The mark reveals a restart. Admission is closed again where Redis restarted right before the
 * opening.
 *
 * @returns whether admission is open now
 */
export async function openAfter(
  redis: OpeningRedis,
  load: () => Promise<boolean>,
): Promise<boolean> {
  const mark = await markOf(redis);
  const { sha1 } = markScript(mark);
  const isTheSame = async () => Number((await redis.scriptExists(sha1))[0]) === 1;
  if (!(await load())) return false;
  crashPoint("loader.all_loaded");
  if (!(await isTheSame())) return false;
  await admit(redis);
  crashPoint("loader.admitting");
  if (!(await isTheSame())) {
    await redis.scriptFlush();
    return false;
  }
  await redis.scriptLoad(checkedScript(mark).source);
  return true;
}

/**
 * The mark of this Redis, which tells all loaders what was loaded since Redis started. The mark is
 * a name in a key, and a script of that name. A restarted Redis may keep the key but lacks the
 * script. It gets a new mark, and loads under the old one no longer count. Where two loaders mark
 * Redis at once, both end with the later mark.
 */
export async function markOf(redis: MarkedRedis): Promise<string> {
  const known = await redis.hget(redisNames.mark, "name");
  if (known !== null) {
    const [kept] = await redis.scriptExists(markScript(String(known)).sha1);
    if (Number(kept) === 1) return String(known);
  }
  const name = crypto.randomUUID();
  await redis.scriptLoad(markScript(name).source);
  await redis.hset(redisNames.mark, { name });
  return String((await redis.hget(redisNames.mark, "name")) ?? name);
}

function markScript(name: string): Script {
  return script(`-- the mark of this Redis\nreturn "${name}"`);
}
