/** The booking terms of a lecture, from its row. */
export interface LectureTerms {
  opensAt: Date;
  closesAt: Date;
  capacity: number;
}

/**
 * The fault of a lecture's terms, in a few words; undefined for sensible terms. MySQL may hold an
 * invalid date, such as 0000-00-00. A table without its checks may hold anything.
 */
export function senselessTerm({ opensAt, closesAt, capacity }: LectureTerms): string | undefined {
  if (Number.isNaN(opensAt.getTime())) return "opens_at is no date";
  if (Number.isNaN(closesAt.getTime())) return "closes_at is no date";
  if (closesAt <= opensAt) return "it closes before it opens";
  if (!Number.isSafeInteger(capacity) || capacity < 0) return "capacity is no number of seats";
  return undefined;
}
