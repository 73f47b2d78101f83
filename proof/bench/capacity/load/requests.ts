import type { IdempotencyKey, LectureId, Rid } from "../../../../contract/ids.ts";
import type { Student } from "../../load/student.ts";
import { ADDRESS_HEADER } from "../../system.ts";

/* Browsers' requests to the edge, as HTTP text. */

/**
 * Presses the button. `waitS` is the wait for the decision, in seconds; 0 is answered once the
 * command is queued.
 */
export function reserveRequest(
  student: Student,
  lectureId: LectureId,
  { key, waitS }: { key: IdempotencyKey; waitS: number },
): string {
  return text(`POST /api/lectures/${lectureId}/reservations`, [
    ...credentials(student),
    `Idempotency-Key: ${key}`,
    "Content-Length: 0",
    ...(waitS > 0 ? [`Prefer: wait=${waitS}`] : []),
  ]);
}

/** Asks for the status of a reservation. */
export function statusRequest(student: Student, rid: Rid): string {
  return text(`GET /api/reservations/${rid}`, credentials(student));
}

/** Reads the button's data, without a session. */
export function availabilityRequest(lectureId: LectureId): string {
  return text(`GET /api/lectures/${lectureId}/availability`, []);
}

function credentials({ token, address }: Student): string[] {
  return [`Authorization: Bearer ${token}`, `${ADDRESS_HEADER}: ${address}`];
}

function text(line: string, headers: string[]): string {
  return [`${line} HTTP/1.1`, "Host: edge", ...headers, "", ""].join("\r\n");
}
