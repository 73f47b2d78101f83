/** The booking terms of a lecture as its row holds them. */
export interface LectureTerms {
  opensAt: Date;
  closesAt: Date;
  capacity: number;
}

/**
 * What makes no sense in a lecture's terms, in a few words; undefined where they make sense. MySQL may hold a date that is none, such as
 * 0000-00-00, and a table without its checks may hold anything.
 */
export function senselessTerm({ opensAt, closesAt, capacity }: LectureTerms): string | undefined {
  if (Number.isNaN(opensAt.getTime())) return "opens_at is no date";
  if (Number.isNaN(closesAt.getTime())) return "closes_at is no date";
  if (closesAt <= opensAt) return "it closes before it opens";
  if (!Number.isSafeInteger(capacity) || capacity < 0) return "capacity is no number of seats";
  return undefined;
}
