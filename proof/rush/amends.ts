import type { LectureId } from "../../contract/ids.ts";
import type { Change } from "../../contract/terms.ts";
import { readDatabase } from "../audit/read-mysql.ts";
import type { AuditSources } from "../audit/sources.ts";
import type { EdgeClient, SignedInStudent } from "../kit/edge-client.ts";
import { makeLecture } from "../kit/lecture.ts";
import { openOrganiser } from "../kit/organiser.ts";
import { seededRandom } from "../kit/random.ts";
import type { RushOptions } from "./options.ts";

/** An amendment, and its time in milliseconds after the opening. */
export interface DrawnAmend {
  afterMs: number;
  change: Change;
  strict: boolean;
}

/** The lecture of a rush, in Unix milliseconds. */
export interface RushTimes {
  opensAtMs: number;
  closesAtMs: number;
  seats: number;
}

/** Amendments come within this time of the opening; the last ends closed windows. */
const SPREAD_MS = 5_000;

/** How long a closed window stays closed, in milliseconds. */
const CLOSED_MS = 300;

const HOUR_MS = 3_600_000;
const DECIDED_WITHIN_MS = 60_000;

/** Students who book the other lecture, which is cancelled in mid-rush. */
const OTHERS = 10;

/**
 * Draws the changes of a rush: more seats, fewer, an early close and its reopening, a later start.
 * The same seed gives the same ones.
 */
export function drawAmends(
  count: number,
  { opensAtMs, closesAtMs, seats }: RushTimes,
  seed: number,
) {
  const random = seededRandom(seed + 1);
  const drawn: DrawnAmend[] = [];
  while (drawn.length < count) {
    const afterMs = Math.round(random() ** 2 * SPREAD_MS);
    const strict = random() < 0.2;
    const dice = random();
    const add = (change: Change, laterMs = 0) =>
      drawn.push({ afterMs: afterMs + laterMs, change, strict });
    if (dice < 0.6) add({ capacity: Math.round(seats * (0.3 + 1.2 * random())) });
    else if (dice < 0.8 && drawn.length + 2 <= count) {
      add({ closesAtMs: opensAtMs + 1 + afterMs });
      add({ closesAtMs }, CLOSED_MS);
    } else {
      const startsAtMs = closesAtMs + Math.round(24 * HOUR_MS * (1 + random()));
      add({ startsAtMs, endsAtMs: startsAtMs + 2 * HOUR_MS });
    }
  }
  return drawn.sort((a, b) => a.afterMs - b.afterMs);
}

/** What became of the changes. */
export interface AmendReport {
  asked: number;
  applied: number;
  refused: number;
  undecided: number;
  /** the lecture that was cancelled in mid-rush */
  cancelled: LectureId;
}

interface Setting {
  sources: AuditSources;
  edge: EdgeClient;
  lectureId: LectureId;
  /** the opening, as a time of `performance.now()` */
  opensAtMs: number;
  sessions: SignedInStudent[];
}

/** Amends the lecture while the crowd presses, and cancels another one that has seats taken. */
export async function amendDuring(
  { sources, edge, lectureId, opensAtMs, sessions }: Setting,
  { amends, seed }: RushOptions,
): Promise<AmendReport> {
  const organiser = openOrganiser(sources);
  try {
    if (!(await organiser.readyWithin(10_000))) throw new Error("RabbitMQ does not answer");
    const other = await makeLecture(sources, { seats: OTHERS, opensInS: 0, seed });
    const booking = bookOther(edge, other, sessions.slice(0, OTHERS));
    const { stock } = await readDatabase(sources, lectureId);
    if (!stock) throw new Error(`lecture ${lectureId} has no stock`);
    const times = { ...stock.terms, seats: stock.target };
    for (const { afterMs, change, strict } of drawAmends(amends, times, seed)) {
      await Bun.sleep(Math.max(0, opensAtMs + afterMs - performance.now()));
      await organiser.amend(lectureId, change, { strict });
    }
    await booking;
    await organiser.amend(other, { cancelled: true });
    const decided = await organiser.untilDecided(lectureId, DECIDED_WITHIN_MS);
    const cancels = await organiser.untilDecided(other, DECIDED_WITHIN_MS);
    const applied = decided.filter(({ outcome }) => outcome === "applied").length;
    return {
      asked: amends,
      applied,
      refused: decided.length - applied,
      undecided: amends - decided.length + (1 - cancels.length),
      cancelled: other,
    };
  } finally {
    await organiser.close();
  }
}

/** A seat of the other lecture for each of these students, as far as it admits them yet. */
async function bookOther(
  edge: EdgeClient,
  lectureId: LectureId,
  sessions: SignedInStudent[],
): Promise<void> {
  await Promise.all(
    sessions.map(async ({ token }) => {
      const key = crypto.randomUUID();
      for (let attempt = 0; attempt < 20; attempt += 1) {
        const { outcome } = await edge.reserve(token, lectureId, key);
        if (outcome === "confirmed" || outcome === "pending") return;
        await Bun.sleep(250);
      }
    }),
  );
}
