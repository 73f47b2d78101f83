import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import source from "./refusing.lua";
import { type AdmissionRedis, runIfKnown, script } from "./script.ts";

/** A lecture that turns away everybody who has no claim on it, as it was when Redis said so. */
export type Refusing =
  | { outcome: "not_open"; opensInMs: number }
  /** `holders` have a claim and `released` are rids that were decided against: of these Redis has more to say */
  | { outcome: "sold_out"; holders: ReadonlySet<UserId>; released: ReadonlySet<Rid> };

/** Given to Redis only by openAdmission: where Redis does not know it, its numbers may be old. */
export const refusingScript = script(source);

/** Names in one answer at most, some 250 KB: of a lecture with more only Redis itself can tell. */
const NAMES_MAX = 5_000;

/**
 * Whom a lecture turns away, in one Redis round trip; undefined where that is not everybody without a claim, or not known. Throws when Redis
 * does not answer.
 */
export async function readRefusing(
  redis: Pick<AdmissionRedis, "evalsha">,
  lectureId: LectureId,
): Promise<Refusing | undefined> {
  const keys = [
    redisKeys.lecture(lectureId),
    redisKeys.claims(lectureId),
    redisKeys.released(lectureId),
  ];
  const reply = (await runIfKnown(redis, refusingScript, keys, [String(NAMES_MAX)])) as
    | unknown[]
    | undefined;
  const [outcome, figure, ...names] = (reply ?? []).map(String);
  if (outcome === "not_open") return { outcome, opensInMs: Number(figure) };
  if (outcome !== "sold_out") return undefined;
  const users = Number(figure);
  return {
    outcome,
    holders: new Set(names.slice(0, users)),
    released: new Set(names.slice(users)),
  };
}
