import {
  type IdempotencyKey,
  type LectureId,
  type Rid,
  ridOf,
  type UserId,
} from "../../../contract/ids.ts";
import type { EdgeAnswer, EdgeClient, SignedInStudent } from "../../kit/edge-client.ts";
import { isConclusive, type Outcome } from "../../kit/journal.ts";

/** How long a student keeps asking, in milliseconds: G6, plus the restart of a killed service. */
const PATIENCE_MS = 75_000;
const RETRY_MS = 250;

/** A student of a crash test, and every answer that binds Lectern. */
export interface Booking {
  session: SignedInStudent;
  lectureId: LectureId;
  key: IdempotencyKey;
  rid: Rid;
  /** each conclusive answer, in order */
  told: Outcome[];
  /** whether an answer was `pending` or a decision: then there must be a decision */
  accepted: boolean;
  /** whether the student asked for a cancel: from then on `cancelled` is an honest answer too */
  cancelled: boolean;
}

/** Signs in a new student before the first press. */
export async function enter(edge: EdgeClient, lectureId: LectureId): Promise<Booking> {
  const session = await edge.signIn(`K${crypto.randomUUID().replaceAll("-", "").slice(0, 18)}`);
  const key = crypto.randomUUID();
  const rid = ridOf(lectureId, session.userId, key);
  return { session, lectureId, key, rid, told: [], accepted: false, cancelled: false };
}

/** Presses once and leaves, whatever the answer: the claim must be decided all the same. */
export async function pressOnce(edge: EdgeClient, booking: Booking): Promise<EdgeAnswer> {
  return note(booking, await edge.reserve(booking.session.token, booking.lectureId, booking.key));
}

/** Presses with the same key until an answer settles the wish. */
export async function pressUntilTold(edge: EdgeClient, booking: Booking): Promise<void> {
  await insist(() => pressOnce(edge, booking), isConclusive);
}

/** Gives the seat back, and asks until it is known to be free. */
export async function cancelUntilTold(edge: EdgeClient, booking: Booking): Promise<void> {
  booking.cancelled = true;
  const cancel = async () => note(booking, await edge.cancel(booking.session.token, booking.rid));
  await insist(cancel, (outcome) => outcome === "cancelled");
}

async function insist(
  ask: () => Promise<EdgeAnswer>,
  isEnough: (outcome: Outcome) => boolean,
): Promise<void> {
  const endsAtMs = performance.now() + PATIENCE_MS;
  while (performance.now() < endsAtMs) {
    const { outcome, retryAfterMs } = await ask();
    if (isEnough(outcome)) return;
    await Bun.sleep(Math.min(retryAfterMs ?? RETRY_MS, 2_000));
  }
}

/** Keeps what an answer binds Lectern to. */
export function note(booking: Booking, answer: EdgeAnswer): EdgeAnswer {
  const { outcome } = answer;
  if (outcome === "pending" || outcome === "confirmed") booking.accepted = true;
  // `not_decided` and `reservation_not_found` answer a cancel that came too early. They conclude
  // nothing about the booking.
  if (isConclusive(outcome) && outcome !== "not_decided" && outcome !== "reservation_not_found")
    booking.told.push(outcome);
  return answer;
}

/** Compares a student's answers with MySQL's decision at the end. Returns the contradictions. */
export function contradictions(
  { session, rid, told, accepted, cancelled }: Booking,
  rows: Map<Rid, { userId: UserId; status: string; reason: string | null }>,
): string[] {
  const row = rows.get(rid);
  const decided = row && (row.status === "rejected" ? row.reason : row.status);
  const found: string[] = [];
  if (accepted && !row) found.push(`rid ${rid} was accepted and never decided`);
  if (row && row.userId !== session.userId) found.push(`rid ${rid} is decided for ${row.userId}`);
  const honest = new Set<unknown>([decided, ...(cancelled ? ["confirmed", "cancelled"] : [])]);
  for (const outcome of new Set(told)) {
    const withoutClaim = !row && outcome === "sold_out";
    if (!honest.has(outcome) && !withoutClaim)
      found.push(`rid ${rid} was told ${outcome}, MySQL has ${decided ?? "no row"}`);
  }
  if (cancelled && decided !== "cancelled")
    found.push(`rid ${rid} was to be cancelled, MySQL has ${decided ?? "no row"}`);
  return found;
}
