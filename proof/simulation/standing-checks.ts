import type { LectureId } from "../../contract/ids.ts";
import { redisKeys } from "../../contract/names.ts";
import { bookingWindow } from "../../contract/terms.ts";
import { Breach } from "./breach.ts";
import type { World } from "./world.ts";

/**
 * The terms in Redis, checked where it has lost no data: they let in nobody whom MySQL keeps out,
 * and their version never falls. More seats come from MySQL, fewer are fenced before MySQL decides.
 */
export function createStandingChecks({ redis, mysql }: Pick<World, "redis" | "mysql">) {
  const versions = new Map<LectureId, number>();

  function check(lectureId: LectureId): void {
    if (redis.losses() > 0) return;
    const standing = redis.data.hashAt(redisKeys.lecture(lectureId));
    const stock = mysql.tables.stock.get(lectureId);
    if (standing.get("ready") !== "1" || !stock) return;
    checkVersion(lectureId, Number(standing.get("version") ?? 0), stock.terms.version);
    const { terms, capacity } = stock;
    const seats = Number(standing.get("capacity"));
    if (!terms.cancelled && seats > capacity)
      throw new Breach("T3", `Redis has ${seats} seats, and ${capacity} count`);
    const { opensAtMs, closesAtMs } = bookingWindow(terms);
    const [opens, closes] = [Number(standing.get("opensAtMs")), Number(standing.get("closesAtMs"))];
    const isEmpty = closes <= 1;
    if (!isEmpty && (opens < opensAtMs || closes > closesAtMs))
      throw new Breach("T1", `Redis admits in a window that lecture ${lectureId} no longer has`);
    if (!isEmpty && !terms.published)
      throw new Breach("T1", `lecture ${lectureId} is not published, and Redis admits to it`);
    if (terms.cancelled && standing.get("cancelled") !== "1")
      throw new Breach("T1", `lecture ${lectureId} is cancelled, and Redis admits to it`);
  }

  function checkVersion(lectureId: LectureId, version: number, decided: number): void {
    const before = versions.get(lectureId) ?? 0;
    if (version < before) throw new Breach("T1", `Redis went from version ${before} to ${version}`);
    if (version > decided)
      throw new Breach("T1", `Redis has version ${version}, and MySQL ${decided}`);
    versions.set(lectureId, version);
  }

  return check;
}
