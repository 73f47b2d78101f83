import type { FileLanguage } from "../../contract/csv-files.ts";
import type { Seat } from "../../contract/lecture-reservations.ts";

/** The columns of a file of reservations. Times are those of the campus. */
const COLUMNS: Record<FileLanguage, readonly string[]> = {
  en: ["student_number", "status", "reason", "reservation_id", "claimed_at", "decided_at"],
  zh: ["学号", "状态", "原因", "预约编号", "提交时间", "决定时间"],
};

export function seatHeader(language: FileLanguage): readonly string[] {
  return COLUMNS[language];
}

/**
 * Writes a reservation as a record. A user who is no student stands there with the user id.
 *
 * @param timeZone as `Asia/Shanghai`
 */
export function seatWriter(timeZone: string): (seat: Seat) => string[] {
  // Swedish writes dates as 2026-12-31 18:00:00, which every spreadsheet reads.
  const format = new Intl.DateTimeFormat("sv", {
    timeZone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  const timeOf = (at: string | undefined) => (at === undefined ? "" : format.format(new Date(at)));
  return ({ id, userId, studentNumber, status, reason, claimedAt, decidedAt }) => [
    studentNumber ?? userId,
    status,
    reason ?? "",
    id,
    timeOf(claimedAt),
    timeOf(decidedAt),
  ];
}
