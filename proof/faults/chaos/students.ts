import type { IdempotencyKey } from "../../../contract/ids.ts";
import { inParallel } from "../../../pending/in-parallel.ts";
import { edgeClient, type SignedInStudent } from "../../kit/edge-client.ts";
import { seededRandom } from "../../kit/random.ts";
import { type ChaosRush, enter } from "./rush.ts";

/** The plan of one student in a schedule. Times are in milliseconds. */
export interface ChaosStudent {
  session: SignedInStudent;
  key: IdempotencyKey;
  /** the press, this long after the opening */
  afterMs: number;
  /** waits at the button for the decision, or gets `pending` and asks for the status */
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

const SIGN_INS_AT_A_TIME = 64;

/** Signs students in who press in every schedule of a run. */
export async function signInStudents(
  edgeUrl: string,
  count: number,
  prefix: string,
): Promise<SignedInStudent[]> {
  const edge = edgeClient(edgeUrl);
  const numbers = Array.from({ length: count }, (_, at) => prefix + String(at).padStart(5, "0"));
  return await inParallel(numbers, SIGN_INS_AT_A_TIME, (number) => edge.signIn(number));
}

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

/** Plays one student until each of the student's wishes is settled. Never rejects. */
export async function takePart(rush: ChaosRush, student: ChaosStudent): Promise<void> {
  const { session, waits, afterMs, key, second, againAfterMs, cancels } = student;
  const { book, giveBack } = enter(rush, session, waits);
  await Bun.sleep(Math.max(0, rush.opensAtMs + afterMs - performance.now()));
  const [first] = await Promise.all([
    book(key),
    second && Bun.sleep(second.afterMs).then(() => book(second.key)),
    againAfterMs && Bun.sleep(againAfterMs).then(() => book(key, "again")),
  ]);
  if (first.outcome !== "confirmed" || !first.rid || !cancels) return;
  await Bun.sleep(cancels.afterMs);
  const isGone = await giveBack(key, first.rid);
  if (isGone && cancels.newKey) await book(cancels.newKey);
}
