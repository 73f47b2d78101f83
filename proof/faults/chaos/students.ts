import type { IdempotencyKey } from "../../../contract/ids.ts";
import type { SignedInStudent } from "../../kit/edge-client.ts";
import { seededRandom } from "../../kit/random.ts";

/** The plan of one student in a schedule. Times are in milliseconds. */
export interface ChaosStudent {
  session: SignedInStudent;
  key: IdempotencyKey;
  /** the press, this long after the opening */
  afterMs: number;
  /** true: waits at the button for the decision; false: gets `pending` and asks for the status */
  waits: boolean;
  /** the same key again, this long after the first press */
  againAfterMs?: number;
  /** a second press with its own key, this long after the first press */
  second?: { key: IdempotencyKey; afterMs: number };
  /** a cancel this long after the confirmation, then perhaps a new booking with another key */
  cancels?: { afterMs: number; newKey?: IdempotencyKey };
}

/**
 * Presses spread over this time from the opening, with rising density. Seats then last while the
 * faults come and go.
 */
const SPREAD_MS = 7_000;

/**
 * A student who presses within this time of the opening may have a second wish, which must wait
 * until ten seconds after the first.
 */
const EARLY_MS = 4_000;

/** Draws the plans of a schedule's students. */
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
