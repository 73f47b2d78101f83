import type { LectureId } from "../contract/ids.ts";
import type { Terms } from "../contract/terms.ts";
import type { Database } from "../database/pool.ts";
import { type LectureWrites, writingLecture } from "./cache/writing-lecture.ts";

const PROJECT = `
  UPDATE lecture
     SET version = ?, published = ?, cancelled = ?, opens_at = ?, closes_at = ?, starts_at = ?,
         ends_at = ?, cancel_until = ?, capacity = ?, audience = ?, updated_at = UTC_TIMESTAMP(3)
   WHERE id = ? AND version < ?`;

/**
 * Copies the terms of a lecture's stock row into the catalogue. Later terms stay: the copy only
 * goes forward, whoever copies in which order.
 */
export async function projectTerms(
  catalogue: Database,
  writes: LectureWrites,
  id: LectureId,
  terms: Terms,
): Promise<void> {
  const { version, published, cancelled, cancelUntilMs, capacity, audience } = terms;
  const { opensAtMs, closesAtMs, startsAtMs, endsAtMs } = terms;
  const times = [opensAtMs, closesAtMs, startsAtMs, endsAtMs].map((ms) => new Date(ms));
  const cancelUntil = cancelUntilMs === null ? null : new Date(cancelUntilMs);
  const rest = [cancelUntil, capacity, JSON.stringify(audience), id, version];
  const values = [version, published, cancelled, ...times, ...rest];
  await writingLecture(writes, { id, version }, () =>
    catalogue.withConnection((connection) => connection.execute(PROJECT, values)),
  );
}
