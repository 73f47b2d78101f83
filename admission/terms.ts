import type { LectureId, Rid } from "../contract/ids.ts";
import { redisKeys } from "../contract/names.ts";
import { bookingWindow, type Terms } from "../contract/terms.ts";
import fenceSource from "./fence.lua";
import { pipelined } from "./pipelined.ts";
import { type AdmissionRedis, run, type Script, script } from "./script.ts";
import stricterSource from "./stricter.lua";
import termsSource from "./terms.lua";

/** The terms by which Redis admits. The window is [opensAtMs, closesAtMs), in Unix milliseconds. */
export interface AdmissionTerms {
  version: number;
  opensAtMs: number;
  /** 0 for an unpublished lecture, which has no window */
  closesAtMs: number;
  capacity: number;
  cancelled: boolean;
  audience: readonly string[];
}

/** A lecture and its terms. */
export interface LectureTerms {
  lectureId: LectureId;
  terms: AdmissionTerms;
}

const fenceScript = scriptWithStricter(fenceSource);
const termsScript = scriptWithStricter(termsSource);

/** A script that uses the functions of stricter.lua. Its own first line names it. */
export function scriptWithStricter(source: string): Script {
  const [title] = source.split("\n", 1);
  return script(`${title}\n${stricterSource}\n${source}`);
}

/** An unpublished lecture admits nobody, as if Redis did not know it. */
export function admissionTerms(terms: Terms): AdmissionTerms {
  const { version, capacity, cancelled, audience, published } = terms;
  const { opensAtMs, closesAtMs } = bookingWindow(terms);
  const window = { opensAtMs, closesAtMs: published ? closesAtMs : 0 };
  return { version, ...window, capacity, cancelled, audience };
}

/** The number of live claims at the fence; undefined where Redis may not know all of them. */
export type Taken = number | undefined;

/**
 * Fences a lecture in Redis before an amendment is decided, and counts its claims. While the fence
 * stands, nobody is let in whom these terms or the terms in Redis keep out. Idempotent by rid.
 *
 * @param rid undefined only counts, where Redis has no more seats than these terms
 */
export async function fence(
  redis: AdmissionRedis,
  { lectureId, terms }: LectureTerms,
  rid: Rid | undefined,
): Promise<Taken> {
  const keys = [redisKeys.lecture(lectureId), redisKeys.claims(lectureId)];
  const args = [rid ?? "", ...argsOf(terms)];
  return readTaken(await run(redis, fenceScript, keys, args));
}

/** Names the parts of fence.lua's reply. */
function readTaken(reply: unknown): Taken {
  const [outcome, taken] = (reply as unknown[]).map(String);
  switch (outcome) {
    case "ready":
      return Number(taken);
    case "not_ready":
      return undefined;
    default:
      throw new Error(`the script fence answered ${outcome}, which is none of its outcomes`);
  }
}

/**
 * Writes MySQL's terms into Redis unless newer ones stand, and ends the fence of a decided
 * amendment. The fence of another amendment stays. A second call changes nothing.
 *
 * @param rid of an amendment that is decided
 */
export async function writeTerms(
  redis: AdmissionRedis,
  { lectureId, terms }: LectureTerms,
  rid?: Rid,
): Promise<void> {
  const keys = [redisKeys.lecture(lectureId)];
  const args = [rid ?? "", String(terms.version), ...argsOf(terms)];
  await run(redis, termsScript, keys, args);
}

/** What Redis holds of a lecture's terms. */
export interface StandingTerms {
  lectureId: LectureId;
  /** undefined where the terms have none, or Redis holds nothing of the lecture */
  version: number | undefined;
  /** whether Redis holds anything of the lecture */
  isThere: boolean;
  /** whether the terms may be stricter than those of the version */
  isFenced: boolean;
  /** the amendments whose fence stands */
  fences: Rid[];
}

/**
 * What stands of these lectures, in one round trip. Leaves out lectures whose key is of a wrong
 * type. Rejects where Redis does not answer.
 */
export async function readStandingTerms(
  redis: Pick<AdmissionRedis, "pipeline">,
  lectureIds: LectureId[],
): Promise<StandingTerms[]> {
  const asked = lectureIds.flatMap((lectureId) => FIELDS.map((field) => ({ lectureId, field })));
  const values = await pipelined(redis, asked, (pipeline, { lectureId, field }) =>
    pipeline.hget(redisKeys.lecture(lectureId), field),
  );
  return lectureIds.flatMap((lectureId, at) => {
    const [version, fence, ready] = values.slice(FIELDS.length * at, FIELDS.length * (at + 1));
    if (version === undefined || fence === undefined || ready === undefined) return [];
    return [
      {
        lectureId,
        version: version === null ? undefined : Number(version),
        isThere: version !== null || ready !== null || fence !== null,
        isFenced: fence !== null,
        fences: fence === null ? [] : String(fence).split(",").filter(Boolean),
      },
    ];
  });
}

const FIELDS = ["version", "fence", "ready"] as const;

/** The terms in the order of the scripts: opensAtMs, closesAtMs, capacity, cancelled, audience. */
export function argsOf({
  opensAtMs,
  closesAtMs,
  capacity,
  cancelled,
  audience,
}: AdmissionTerms): string[] {
  const groups = audience.length === 0 ? "" : `,${audience.join(",")},`;
  return [String(opensAtMs), String(closesAtMs), String(capacity), cancelled ? "1" : "0", groups];
}
