import type { IdempotencyKey } from "../../../contract/ids.ts";
import type { SignedInStudent } from "../../kit/edge-client.ts";
import { seededRandom } from "../../kit/random.ts";

/** What one student of a schedule is going to do. Times are in milliseconds. */
export interface ChaosStudent {
  session: SignedInStudent;
  key: IdempotencyKey;
  /** presses so long after the opening */
  afterMs: number;
  /** waits at the button for the decision, or is told "pending" and asks on */
  waits: boolean;
  /** sends the same key again, so long after the first press */
  againAfterMs?: number;
  /** presses a second time with a key of its own, so long after the first press */
  second?: { key: IdempotencyKey; afterMs: number };
  /** gives the seat back so long after it was confirmed, and then books anew with another key, or does not */
  cancels?: { afterMs: number; newKey?: IdempotencyKey };
}

/**
 * Presses come over this time from the opening, more and more of them: so the seats go while the faults come, and not all at once before
 * them.
 */
const SPREAD_MS = 7_000;

/** Who presses within this time of the opening may have a second wish: it has to wait until ten seconds after the first. */
const EARLY_MS = 4_000;

/** Draws what the students of a schedule do. */
export function drawChaosStudents(
  { seed, students }: { seed: number; students: number },
  pool: SignedInStudent[],
): ChaosStudent[] {
  const random = seededRandom(seed ^ 0x5eed);
  return pool.slice(0, students).map((session, index) => {
    const name = `c${seed}n${index}`;
    const student: ChaosStudent = {
      session,
      key: `${name}-first`,
      afterMs: random() ** 0.4 * SPREAD_MS,
      waits: random() < 0.5,
    };
    if (random() < 0.15) student.againAfterMs = random() * 1_500;
    const isEarly = student.afterMs < EARLY_MS;
    if (isEarly && random() < 0.07)
      student.second = { key: `${name}-second`, afterMs: random() * 100 };
    if (random() < 0.5) {
      const books = isEarly && random() < 0.8;
      student.cancels = { afterMs: random() * 1_500, ...(books && { newKey: `${name}-anew` }) };
    }
    return student;
  });
}
