import { redisNames } from "../contract/names.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { availabilityScript } from "./availability.ts";
import { claimScript } from "./claim.ts";
import { refusingScript } from "./refusing.ts";
import { type AdmissionRedis, type Script, script } from "./script.ts";

/*
 * Admission is open where Redis knows the scripts that admit, and they are given to it only after every lecture has been loaded. A Redis that
 * restarted, with all its data, with older data or with none, and a replica that took over, know no script; so none of them
 * admits anybody before it has been compared with the decisions, and the claim itself costs nothing more for it.
 *
 * Redis can restart between the last look at it and the scripts, which then open a Redis that nobody has loaded. So whoever has given the scripts
 * looks once more, closes where Redis is another one, and only then says so by a script of its own. Where that one is missing nobody
 * has looked: the loader may have died, and all is loaded again.
 */

type ScriptRedis = Pick<AdmissionRedis, "scriptExists" | "scriptLoad">;
type OpeningRedis = ScriptRedis & Pick<AdmissionRedis, "scriptFlush">;

/** The claim comes last: nobody is admitted before it. */
const admitting = [availabilityScript, refusingScript, claimScript];

/** Says, by being known, that the scripts that admit were given to the Redis that had been loaded. */
const lookedAgain = script('return "admission is open"');

/** Whether Redis is the one that admission was opened on. */
export async function isOpen(redis: ScriptRedis): Promise<boolean> {
  const known = await redis.scriptExists(...[...admitting, lookedAgain].map(({ sha1 }) => sha1));
  return known.every((one) => Number(one) === 1);
}

/** Opens admission: from now on claims are judged and availability is told, of lectures that are ready. */
export async function openAdmission(redis: ScriptRedis): Promise<void> {
  await admit(redis);
  await redis.scriptLoad(lookedAgain.source);
}

async function admit(redis: ScriptRedis): Promise<void> {
  for (const { source } of admitting) {
    await redis.scriptLoad(source);
    crashPoint("loader.half_open");
  }
}

/**
 * Opens admission after `load`, unless Redis restarted in the meantime, which a script of this call's own gives away: what was loaded
 * before the restart may be gone. Where Redis restarted right before it was opened, it is closed again.
 *
 * @returns whether admission is open now
 */
export async function openAfter(
  redis: OpeningRedis,
  load: () => Promise<boolean>,
): Promise<boolean> {
  const mark = await redis.scriptLoad(`return "${crypto.randomUUID()}"`);
  const isTheSame = async () => Number((await redis.scriptExists(mark))[0]) === 1;
  if (!(await load())) return false;
  crashPoint("loader.all_loaded");
  if (!(await isTheSame())) return false;
  await admit(redis);
  crashPoint("loader.admitting");
  if (!(await isTheSame())) {
    await redis.scriptFlush();
    return false;
  }
  await redis.scriptLoad(lookedAgain.source);
  return true;
}

/**
 * The mark of this Redis, by which all loaders know what was loaded into it since it started. It is a name that stands in a key, and a
 * script of that name. A Redis that restarted may still have the key, and has no script: then it gets a new mark, and nothing
 * that was loaded under the old one counts. Where two loaders mark it at once, the later mark counts for both in the end.
 */
export async function markOf(
  redis: ScriptRedis & Pick<AdmissionRedis, "hget" | "hset">,
): Promise<string> {
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
