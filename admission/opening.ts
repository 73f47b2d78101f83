import { crashPoint } from "../crash-points/crash-point.ts";
import { availabilityScript } from "./availability.ts";
import { claimScript } from "./claim.ts";
import { refusingScript } from "./refusing.ts";
import type { AdmissionRedis } from "./script.ts";

/*
 * Admission is open where Redis knows the scripts that admit, and they are given to it only after every lecture has been loaded. A Redis that
 * restarted, with all its data, with older data or with none, and a replica that took over, know no script; so none of them
 * admits anybody before it has been compared with the decisions, and the claim itself costs nothing more for it.
 */

type ScriptRedis = Pick<AdmissionRedis, "scriptExists" | "scriptLoad">;

const admitting = [claimScript, availabilityScript, refusingScript];

/** Whether Redis is the one that admission was opened on. */
export async function isOpen(redis: ScriptRedis): Promise<boolean> {
  const known = await redis.scriptExists(...admitting.map(({ sha1 }) => sha1));
  return known.every((one) => Number(one) === 1);
}

/** Opens admission: from now on claims are judged and availability is told, of lectures that are ready. */
export async function openAdmission(redis: ScriptRedis): Promise<void> {
  for (const { source } of admitting) {
    await redis.scriptLoad(source);
    crashPoint("loader.half_open");
  }
}

/**
 * Opens admission after `load`, unless Redis restarted in the meantime, which a script of this call's own gives away: what was loaded
 * before the restart may be gone.
 *
 * @returns whether admission is open now
 */
export async function openAfter(redis: ScriptRedis, load: () => Promise<boolean>): Promise<boolean> {
  const mark = await redis.scriptLoad(`return "${crypto.randomUUID()}"`);
  if (!(await load())) return false;
  crashPoint("loader.all_loaded");
  const [kept] = await redis.scriptExists(mark);
  if (Number(kept) !== 1) return false;
  await openAdmission(redis);
  return true;
}
