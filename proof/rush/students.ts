import type { IdempotencyKey } from "../../contract/ids.ts";
import { seededRandom } from "../kit/random.ts";

/** A student and what the student is going to do. Times are in milliseconds. */
export interface Student {
  /** what the student signs in with */
  number: string;
  key: IdempotencyKey;
  /** presses once already so long before the opening, with the same key */
  earlyByMs?: number;
  /** presses so long after the opening */
  afterMs: number;
  /** presses a second time with a key of its own, so long after the first press */
  second?: { key: IdempotencyKey; afterMs: number };
  /** sends the same key again so long after the first press, and once more so long after it was answered */
  again?: { afterMs: number; laterMs: number };
}

/** The share of students who press early, twice, or again with the same key; each is drawn on its own. */
const SHARE = 0.1;

/** Everybody presses within this time of the opening, most of them in its first half. */
const SPREAD_MS = 900;

/** A click is never so early that the clocks could mistake it for one in time. */
const EARLY_MS = { least: 300, most: 1_500 };

/** Draws the crowd. The same seed and number of students give the same crowd. */
export function drawStudents({ students, seed }: { students: number; seed: number }): Student[] {
  const random = seededRandom(seed);
  const between = (low: number, high: number) => low + random() * (high - low);
  return Array.from({ length: students }, (_, index) => {
    const number = `r${seed}n${String(index).padStart(5, "0")}`;
    const presses: Student = { number, key: `${number}-first`, afterMs: random() ** 2 * SPREAD_MS };
    if (random() < SHARE) presses.earlyByMs = between(EARLY_MS.least, EARLY_MS.most);
    if (random() < SHARE) presses.second = { key: `${number}-second`, afterMs: between(0, 50) };
    if (random() < SHARE) presses.again = { afterMs: between(0, 50), laterMs: between(500, 2_500) };
    return presses;
  });
}
