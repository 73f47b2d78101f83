import { drainMicrotasks } from "bun:jsc";
import { claimScript } from "../../admission/claim.ts";
import { type Claim, readClaim } from "../../admission/find-claim.ts";
import type { LectureId, Rid } from "../../contract/ids.ts";
import { noCase } from "../../contract/no-case.ts";
import { type DecisionStatus, holdsSeat } from "../../contract/reservation.ts";
import { LOST_WORKERS_MAX } from "../../worker/dead-letters.ts";
import { Breach, type GuaranteeName } from "./breach.ts";
import { assertModels } from "./model-error.ts";
import type { ReservationRow } from "./mysql/tables.ts";
import { createStandingChecks } from "./standing-checks.ts";
import type { World } from "./world.ts";

/** Whether a row of this status may have been confirmed once. */
const WAS_CONFIRMED: Record<DecisionStatus, boolean> = {
  confirmed: true,
  rejected: false,
  cancelled: true,
};

/**
 * Checks the guarantees that must hold at every moment, only where something was written since the
 * last check. Throws Breach.
 */
export function createChecks(world: World) {
  const { redis, mysql, broker, journal, amends, lectureIds, profile } = world;
  const checkStanding = createStandingChecks(world);
  let seen: ReadonlyMap<Rid, ReservationRow> = new Map();
  let rows = seen;
  let redisSeen = -1;
  /** lecture → user → the claim at the last check */
  const claims = new Map<LectureId, ReadonlyMap<string, string>>();
  /** every claim that was read, by its text */
  const read = new Map<string, Claim>();
  let lossesSeen = 0;
  /** rids whose claim a written decision released, whatever Redis has lost since */
  const released = new Set<Rid>();

  /** The claims of all steps are few: each text is read once. */
  function claimOf(value: string): Claim {
    const known = read.get(value);
    if (known) return known;
    const claim = readClaim(value);
    read.set(value, claim);
    return claim;
  }

  function breach(guarantee: GuaranteeName, what: string): never {
    throw new Breach(guarantee, what);
  }

  function checkRows(lectureId: LectureId): void {
    const active = new Set<string>();
    for (const row of rows.values()) {
      if (row.lectureId !== lectureId || !holdsSeat(row.status)) continue;
      if (active.has(row.userId))
        breach("G2", `${row.userId} has two confirmed rows of lecture ${lectureId}`);
      active.add(row.userId);
    }
    const stock = mysql.tables.stock.get(lectureId);
    if (!stock) return;
    const { remaining, capacity, terms } = stock;
    if (terms.cancelled && active.size > 0)
      breach("T1", `lecture ${lectureId} is cancelled, and ${active.size} seats are confirmed`);
    if (active.size > capacity) breach("G1", `${active.size} confirmed of ${capacity} seats`);
    if (remaining !== capacity - active.size)
      breach("G1", `${remaining} of ${capacity} seats remain, ${active.size} are confirmed`);
  }

  /** G3 and G5, row by row: every change since the last check must be a permitted one. */
  function checkChanges(): void {
    for (const before of seen.values())
      if (!rows.has(before.rid)) breach("G3", `the row of ${before.rid} is gone`);
    for (const row of rows.values()) {
      const before = seen.get(row.rid);
      if (before === row) continue;
      if (before) checkChange(before, row);
      else checkNew(row);
    }
  }

  function checkChange(before: ReservationRow, row: ReservationRow): void {
    const { rid, status } = row;
    if (before.status === status) return;
    const isAsked = journal.cancelAsked.has(rid) || isOfCancelledLecture(row);
    const byCancel = holdsSeat(before.status) && status === "cancelled" && isAsked;
    if (!byCancel) breach("G3", `${rid} was ${before.status} and is ${status}`);
  }

  function isOfCancelledLecture({ lectureId, reason }: ReservationRow): boolean {
    const isCancelled = mysql.tables.stock.get(lectureId)?.terms.cancelled === true;
    return isCancelled && reason === "lecture_cancelled";
  }

  function checkNew(row: ReservationRow): void {
    const { rid, userId, status } = row;
    if (journal.asked.get(rid) !== userId)
      breach("G5", `a row of ${rid}, which ${userId} never asked for`);
    switch (status) {
      case "cancelled":
        if (!journal.cancelAsked.has(rid) && !isOfCancelledLecture(row))
          breach("G5", `${rid} is cancelled, and nobody asked for it`);
        return;
      case "confirmed":
      case "rejected":
        checkDecided(row);
        return;
      default:
        noCase(status);
    }
  }

  function checkDecided(row: ReservationRow): void {
    const { rid, lectureId, userId, status, claimedAtMs } = row;
    checkUndeliverable(row);
    checkRefused(row);
    if (released.has(rid) && holdsSeat(status))
      breach("G4", `${rid} was released and is confirmed`);
    if (!amends.mayHaveClaimed(lectureId, userId, claimedAtMs))
      breach("G5", `${rid} was claimed outside the window`);
  }

  function checkReleased(lectureId: LectureId): void {
    for (const [rid, status] of redis.released(lectureId)) {
      const row = rows.get(rid);
      if (row?.status !== status)
        breach("G4", `${rid} is released as ${status}, and its row is ${row?.status}`);
      released.add(rid);
    }
  }

  function checkClaims(lectureId: LectureId): void {
    const releasedHere = redis.released(lectureId);
    for (const [userId, value] of redis.claims(lectureId)) {
      const { rid, state, claimedAtMs } = claimOf(value);
      if (journal.asked.get(rid) !== userId)
        breach("G5", `a claim of ${rid}, which ${userId} never asked for`);
      if (releasedHere.has(rid)) breach("G4", `the claim of ${rid} lives, though it was released`);
      if (released.has(rid) && redis.losses() === 0)
        breach("G4", `${rid} was released and is claimed again`);
      switch (state) {
        case "confirmed": {
          const status = rows.get(rid)?.status;
          if (status === undefined || !WAS_CONFIRMED[status])
            breach("G3", `the claim of ${rid} is confirmed, its row is ${status}`);
          break;
        }
        case "held":
          journal.forgotten.delete(rid);
          if (!amends.mayHaveClaimed(lectureId, userId, claimedAtMs))
            breach("G5", `${rid} is held since outside the window`);
          break;
        default:
          noCase(state);
      }
    }
  }

  /**
   * Without data loss Redis never lets in more users than there are seats, and each user let in
   * gets a seat.
   */
  function checkAdmission(lectureId: LectureId): void {
    if (redis.losses() > 0) return;
    const stock = mysql.tables.stock.get(lectureId);
    let live = 0;
    // A claim whose decision is not settled yet holds no seat any more.
    for (const value of redis.claims(lectureId).values())
      if (holdsSeat(rows.get(claimOf(value).rid)?.status ?? "confirmed")) live += 1;
    if (stock && !stock.terms.cancelled && live > stock.capacity)
      breach("A1", `${live} claims for ${stock.capacity} seats`);
    for (const { rid, reason } of rows.values()) {
      if (reason === "sold_out")
        breach(amends.asked.size > 0 ? "T3" : "A1", `${rid} was let through, and is ${reason}`);
      if (reason === "already_reserved") breach("A1", `${rid} was let through, and is ${reason}`);
    }
  }

  /** While people are admitted, every decided and settled seat counts as taken. */
  function checkCount(lectureId: LectureId): void {
    if (!redis.knows(claimScript.source) || redis.openedBlind()) return;
    if (redis.ready(lectureId) !== "1") return;
    const claimed = redis.claims(lectureId);
    for (const row of rows.values()) {
      if (row.lectureId !== lectureId || !holdsSeat(row.status)) continue;
      // A held claim of the user counts as the seat, under any rid: it stays until its own decision
      // is settled.
      const claim = claimed.get(row.userId);
      if (claim?.endsWith(row.rid) || claim?.startsWith("h:") || broker.holds(row.rid)) continue;
      breach("A1", `people are admitted, and the seat of ${row.rid} counts as free`);
    }
  }

  /**
   * A command that is queued as refused alone is never confirmed, and no other is rejected for it. A
   * worker that finds a rival makes a command of its claim by itself, after a loss of Redis.
   */
  function checkRefused({ rid, status, reason }: ReservationRow): void {
    const { refused, unrefused } = journal;
    const isUnrefused = unrefused.has(rid) || redis.losses() > 0;
    if (holdsSeat(status) && refused.has(rid) && !isUnrefused)
      breach("O1", `${rid} was refused whenever it was queued, and is confirmed`);
    if (reason === "overlaps" && !refused.has(rid))
      breach("O1", `${rid} is rejected for overlaps, and was never refused`);
  }

  /** A command may be given up only after the loss of workers that tried it alone. */
  function checkUndeliverable(row: ReservationRow): void {
    const lost = journal.lostWith.get(row.rid) ?? 0;
    if (row.reason === "undeliverable" && lost < LOST_WORKERS_MAX)
      breach("A1", `${row.rid} was given up, and only ${lost} workers were lost with it`);
  }

  /**
   * G4: a claim ends only by a written decision. Confirmed claims are read again while a lecture is
   * loading.
   */
  function checkGivenUp(): void {
    const hasLost = lossesSeen !== redis.losses();
    for (const lectureId of lectureIds) {
      const now = redis.claims(lectureId);
      const before = claims.get(lectureId);
      if (before && !hasLost)
        for (const [userId, value] of before)
          if (now.get(userId) !== value) checkKept(lectureId, claimOf(value), now.get(userId));
      claims.set(lectureId, new Map(now));
    }
    lossesSeen = redis.losses();
  }

  function checkKept(lectureId: LectureId, { rid, state }: Claim, now: string | undefined): void {
    if (now !== undefined && claimOf(now).rid === rid) return;
    const status = rows.get(rid)?.status;
    if (status !== undefined && !holdsSeat(status)) {
      released.add(rid);
      return;
    }
    const loading = redis.ready(lectureId) === "0";
    if (state === "confirmed" && loading) return;
    breach("G4", `the claim of ${rid} is gone, its row is ${status}`);
  }

  function checkLeaders(): void {
    if (profile.leaders !== "elected") return;
    const leading = world.leading();
    if (leading.length > 1) breach("L1", `${leading.join(" and ")} lead at once`);
  }

  return {
    /** Lets the step's consequences run until they wait again. Then runs all checks. */
    afterStep(): void {
      drainMicrotasks();
      const complaint = world.complaint();
      if (complaint) throw complaint;
      assertModels();
      checkLeaders();
      rows = mysql.tables.rows();
      const written = rows !== seen;
      if (written) {
        amends.check();
        checkChanges();
        for (const lectureId of lectureIds) checkRows(lectureId);
        seen = rows;
      }
      if (!written && redisSeen === redis.changes()) return;
      redisSeen = redis.changes();
      for (const lectureId of lectureIds) {
        checkReleased(lectureId);
        checkClaims(lectureId);
        checkAdmission(lectureId);
        checkStanding(lectureId);
        checkCount(lectureId);
      }
      checkGivenUp();
    },
  };
}
