import { readStandingTerms, type StandingTerms, writeTerms } from "../admission/terms.ts";
import type { AmendCommand } from "../contract/command.ts";
import { amendmentRidOf, type LectureId } from "../contract/ids.ts";
import { findDecidedAmendments } from "./amend-ledger.ts";
import { isSinking, type LectureStock } from "./amend-rules.ts";
import type { SweeperDeps } from "./deps.ts";
import { type ClaimedLecture, findAdmissionTerms } from "./lecture-stock.ts";
import type { createPatience } from "./patience.ts";

/** Most sinking steps queued in one sweep. */
const STEPS_PER_SWEEP = 100;

/** Who asks for a sinking step. */
const SWEEPER = "sweeper";

interface Amendable {
  lectureId: LectureId;
  stock: LectureStock;
}

/**
 * Brings Redis' terms to those of MySQL where a crash, a late request or older data keep them back,
 * and queues the next step of every capacity that sinks. An undecided amendment keeps its fence.
 */
export async function sweepTerms(
  deps: SweeperDeps,
  lectures: ClaimedLecture[],
  patience: ReturnType<typeof createPatience>,
): Promise<void> {
  const amendable = lectures.flatMap(({ lectureId, stock }) =>
    stock ? [{ lectureId, stock }] : [],
  );
  const ids = amendable.map(({ lectureId }) => lectureId);
  const standing = new Map(
    (await readStandingTerms(deps.redis, ids)).map((terms) => [terms.lectureId, terms]),
  );
  for (const lecture of amendable) await mendTerms(deps, lecture, standing.get(lecture.lectureId));
  const nowMs = deps.clock.monotonicMs();
  const sinking = new Map(
    amendable.flatMap(({ lectureId, stock }) =>
      isSinking(stock) ? [[`sink ${lectureId}`, sinkOf(deps, lectureId, stock)]] : [],
    ),
  );
  for (const name of patience.take(sinking.keys(), STEPS_PER_SWEEP, nowMs)) {
    const command = sinking.get(name);
    if (!command || !deps.leads()) return;
    const outcome = await deps.publisher.publish(command);
    if (outcome !== "queued") patience.notBegun(name);
  }
}

/**
 * MySQL was read before Redis: where its version is higher, Redis is behind. The terms are read
 * again once the fences are known to be over: terms from before would undo the amendments.
 */
async function mendTerms(
  deps: SweeperDeps,
  { lectureId, stock }: Amendable,
  standing: StandingTerms | undefined,
): Promise<void> {
  if (!standing?.isThere) return;
  const { fences, isFenced, version = 0 } = standing;
  const over =
    fences.length > 0 ? await findDecidedAmendments(deps.database, lectureId, fences) : [];
  const isLeftOver = isFenced && over.length === fences.length;
  if (over.length === 0 && !isLeftOver && version >= stock.terms.version) return;
  const terms = await findAdmissionTerms(deps.database, lectureId);
  if (!terms || !deps.leads()) return;
  deps.log.warn(
    { event: "terms_mended", lectureId, version: terms.version, fences: over },
    "the terms of a lecture in Redis are brought to those in MySQL",
  );
  const lecture = { lectureId, terms };
  for (const rid of over) await writeTerms(deps.redis, lecture, rid);
  if (over.length === 0) await writeTerms(deps.redis, lecture);
}

/** The same step has the same rid. It has no pending node: nobody waits for it. */
function sinkOf(
  deps: SweeperDeps,
  lectureId: LectureId,
  { terms, capacity }: LectureStock,
): AmendCommand {
  return {
    kind: "amend",
    rid: amendmentRidOf(lectureId, SWEEPER, `sink-${terms.version}-${capacity}`),
    lectureId,
    userId: SWEEPER,
    requestedAtMs: deps.now(),
    ifVersion: null,
    strict: false,
    words: false,
    change: {},
  };
}
