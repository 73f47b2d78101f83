import type { IdempotencyKey } from "../../contract/ids.ts";
import { seededRandom } from "../kit/random.ts";

/** A student and the student's plan. Times are in milliseconds. */
export interface Student {
  /** the number that the student signs in with */
  number: string;
  key: IdempotencyKey;
  /** an earlier press with the same key, this long before the opening */
  earlyByMs?: number;
  /** the press, this long after the opening */
  afterMs: number;
  /** a second press with its own key, this long after the first press */
  second?: { key: IdempotencyKey; afterMs: number };
  /**
   * the same key again this long after the first press, and once more this long after that answer
   */
  again?: { afterMs: number; laterMs: number };
}

/**
 * The share of students who press early, twice, or again with the same key. Each is drawn
 * independently.
 */
const SHARE = 0.1;

/** All students press within this time of the opening, most of them in its first half. */
const SPREAD_MS = 900;

/** An early click is early enough that no difference between clocks makes it timely. */
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
