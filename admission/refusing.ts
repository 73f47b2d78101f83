import type { LectureId, Rid, UserId } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import source from "./refusing.lua";
import { type AdmissionRedis, runIfKnown, script } from "./script.ts";

/** A lecture that turns away everybody without a claim, as Redis saw it. */
export type Refusing =
  | { outcome: "not_open"; opensInMs: number }
  /** `holders` are users with a claim, `released` rids with a decision against them */
  | { outcome: "sold_out"; holders: ReadonlySet<UserId>; released: ReadonlySet<Rid> };

/** Only openAdmission loads this script. A Redis that lacks the script may have old numbers. */
export const refusingScript = script(source);

/** Most names in one answer, some 250 KB; with more, only Redis itself can answer. */
const NAMES_MAX = 5_000;

/**
 * The refusal of everybody without a claim, in one Redis round trip; undefined where there is none,
 * or it is unknown. Throws when Redis does not answer.
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
  const reply = await runIfKnown(redis, refusingScript, keys, [String(NAMES_MAX)]);
  return reply === undefined ? undefined : readAnswer(reply);
}

/** Names the parts of refusing.lua's reply. */
function readAnswer(reply: unknown): Refusing | undefined {
  const [outcome, ...parts] = (reply as unknown[]).map(String);
  switch (outcome) {
    case "not_open": {
      const [opensInMs] = parts;
      return { outcome, opensInMs: Number(opensInMs) };
    }
    case "sold_out": {
      const [holders, ...names] = parts;
      const count = Number(holders);
      return {
        outcome,
        holders: new Set(names.slice(0, count)),
        released: new Set(names.slice(count)),
      };
    }
    case undefined:
      return undefined;
    default:
      throw new Error(`the refusing script gave the unknown outcome ${outcome}`);
  }
}
