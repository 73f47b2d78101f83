import type { LectureId } from "../../../contract/ids.ts";
import type { Change } from "../../../contract/terms.ts";
import type { Breach } from "../../audit/breach.ts";
import type { ReservationRow } from "../../audit/facts.ts";
import { readDatabase } from "../../audit/read-mysql.ts";
import type { AuditSources } from "../../audit/sources.ts";
import { openOrganiser, patiently } from "../../kit/organiser.ts";
import { seededRandom } from "../../kit/random.ts";
import type { Schedule } from "./schedule.ts";

/** A change of the lecture, and its time in milliseconds after the opening. */
export interface PlannedAmend {
  afterMs: number;
  change: Change | "close" | "reopen";
}

/** Most changes of the lecture in one schedule. */
const AMENDS_MAX = 4;
const SPREAD_MS = 5_000;
const CLOSED_MS = 500;
const DECIDED_WITHIN_MS = 60_000;

/**
 * Draws the organiser's part of a schedule: fewer seats, more again, a close and its reopening. It has
 * dice of its own, so the faults of a seed stay as they are.
 */
export function drawAmends({ seed, seats }: Pick<Schedule, "seed" | "seats">): PlannedAmend[] {
  const random = seededRandom(seed * 31 + 7);
  const count = Math.floor(random() * (AMENDS_MAX + 1));
  const drawn = Array.from({ length: count }, (): PlannedAmend[] => {
    const afterMs = Math.round(random() * SPREAD_MS);
    if (random() < 0.7)
      return [{ afterMs, change: { capacity: Math.round(seats * (0.4 + 0.6 * random())) } }];
    return [
      { afterMs, change: "close" },
      { afterMs: afterMs + CLOSED_MS, change: "reopen" },
    ];
  });
  const inOrder = drawn.flat().sort((a, b) => a.afterMs - b.afterMs);
  // Where closes overlap, the last change opens the lecture again.
  const isClosed = inOrder.some(({ change }) => change === "close");
  return isClosed ? [...inOrder, { afterMs: SPREAD_MS + CLOSED_MS, change: "reopen" }] : inOrder;
}

/**
 * Amends the lecture while faults come and go, and waits until every amendment that a server holds
 * is decided. The connections are untouched by the faults; the servers are not, so reads are tried
 * again.
 *
 * @param opensAtMs as a time of `performance.now()`
 */
export async function playAmends(
  sources: AuditSources,
  { lectureId, opensAtMs }: { lectureId: LectureId; opensAtMs: number },
  amends: PlannedAmend[],
): Promise<Breach[]> {
  if (amends.length === 0) return [];
  const read = () => readDatabase(sources, lectureId);
  const { stock } = await patiently(read, DECIDED_WITHIN_MS);
  if (!stock) return [{ what: "the lecture has no stock" }];
  const { closesAtMs } = stock.terms;
  const openedAtMs = stock.terms.opensAtMs;
  const organiser = openOrganiser(sources);
  try {
    for (const { afterMs, change } of amends) {
      await Bun.sleep(Math.max(0, opensAtMs + afterMs - performance.now()));
      await organiser.amend(lectureId, changeOf(change, { openedAtMs, closesAtMs, afterMs }));
    }
    let decided = await organiser.untilDecided(lectureId, DECIDED_WITHIN_MS);
    // A close that the sweep queues again may be decided after its reopening.
    const { stock: last } = await patiently(read, DECIDED_WITHIN_MS);
    if (last?.terms.closesAtMs !== closesAtMs) {
      await organiser.amend(lectureId, { closesAtMs });
      decided = await organiser.untilDecided(lectureId, DECIDED_WITHIN_MS);
    }
    const left = organiser.asked(lectureId) - decided.length;
    return left === 0 ? [] : [{ what: `G6: ${left} amendments were accepted and never decided` }];
  } finally {
    await organiser.close();
  }
}

interface Window {
  openedAtMs: number;
  closesAtMs: number;
  afterMs: number;
}

function changeOf(change: PlannedAmend["change"], window: Window): Change {
  const { openedAtMs, closesAtMs, afterMs } = window;
  if (change === "reopen") return { closesAtMs };
  return change === "close" ? { closesAtMs: openedAtMs + 1 + afterMs } : change;
}

/** T3: who was let through gets the seat, whatever is cut, unless Redis lost what it knew. */
export function* breaksLetThrough(
  rows: readonly ReservationRow[],
  { redisLostData }: { redisLostData: boolean },
): Iterable<Breach> {
  if (redisLostData) return;
  for (const { rid, userId, reason } of rows)
    if (reason === "sold_out") yield { what: "T3: was let through, and is sold_out", rid, userId };
}
