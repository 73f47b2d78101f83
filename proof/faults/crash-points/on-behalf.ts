import { type LectureId, type Rid, ridOf } from "../../../contract/ids.ts";
import {
  type BookedReport,
  type BookedRow,
  CLAIMS_MAX,
  keyOnBehalf,
} from "../../../contract/on-behalf.ts";
import { isProblemCode } from "../../../contract/problems.ts";
import type { Outcome } from "../../kit/journal.ts";
import { type Booking, note } from "./crowd.ts";
import { enterAdmin } from "./organised.ts";
import { publish, type Stage } from "./provocations.ts";

/** More than one round trip claims for, so a service may end between two of them. */
const SEATS = CLAIMS_MAX + 3;
const STUDENTS = SEATS + 2;

/**
 * An organiser books for more students than there are seats, and asks again with the same key until
 * all of it is decided. Each row of each answer is what that student was told.
 */
export async function bookOnBehalf(stage: Stage): Promise<void> {
  const lectureId = await publish(stage, SEATS);
  const { userId, send } = await enterAdmin(stage);
  const key = crypto.randomUUID();
  const bookings = Array.from({ length: STUDENTS }, () =>
    expectedOf(lectureId, (student) => ridOf(lectureId, student, keyOnBehalf(userId, key))),
  );
  stage.bookings.push(...bookings);
  const studentNumbers = bookings.map(({ session }) => session.userId.slice("s-".length));
  const hear = (told: Record<string, unknown>) => {
    for (const [at, row] of (told as unknown as BookedReport).rows.entries())
      note(bookings[at] as Booking, { status: 200, outcome: outcomeOf(row) });
  };
  const path = `/lectures/${lectureId}/reservations`;
  const { counts } = (await send(
    path,
    "POST",
    { studentNumbers },
    { "Idempotency-Key": key },
    hear,
  )) as unknown as BookedReport;
  if (counts["confirmed"] !== SEATS || counts["refused"] !== STUDENTS - SEATS)
    throw new Error(
      `${STUDENTS} students for ${SEATS} seats were answered ${JSON.stringify(counts)}`,
    );
}

/** A student who never signs in: the organiser speaks for them. */
function expectedOf(lectureId: LectureId, ridFor: (userId: string) => Rid): Booking {
  const userId = `s-B${crypto.randomUUID().replaceAll("-", "").slice(0, 18).toUpperCase()}`;
  const session = { token: "", userId };
  const key = crypto.randomUUID();
  return {
    session,
    lectureId,
    key,
    rid: ridFor(userId),
    told: [],
    accepted: false,
    cancelled: false,
  };
}

function outcomeOf({ status, code }: BookedRow): Outcome {
  if (status === "refused") return isProblemCode(code) ? code : "unexpected";
  return status === "unknown" ? "no_answer" : status;
}
