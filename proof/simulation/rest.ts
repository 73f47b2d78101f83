import { availabilityScript } from "../../admission/availability.ts";
import { claimScript } from "../../admission/claim.ts";
import { readClaim } from "../../admission/find-claim.ts";
import type { LectureId } from "../../contract/ids.ts";
import { holdsSeat } from "../../contract/reservation.ts";
import { Breach } from "./breach.ts";
import type { World } from "./world.ts";

/** What keeps a world from rest (G6 and the first half of G7); undefined at rest. */
export function whatMoves({
  redis,
  mysql,
  zooKeeper,
  broker,
  lectureIds,
}: World): string | undefined {
  for (const lectureId of lectureIds) {
    if (redis.ready(lectureId) !== "1") return `lecture ${lectureId} is not ready`;
    const held = [...redis.claims(lectureId).values()].filter((value) => value.startsWith("h:"));
    if (held.length > 0) return `held: ${held.join(", ")}`;
  }
  if (!redis.knows(claimScript.source) || !redis.knows(availabilityScript.source))
    return "admission is not open";
  if (redis.openedBlind()) return "admission is open on a Redis that was not loaded";
  const pending = zooKeeper.pending();
  if (pending.length > 0) return `pending: ${pending.join(", ")}`;
  if (!broker.isEmpty()) return "a queue is not empty";
  return mysql.tables.openTransactions() > 0 ? "a transaction is open" : undefined;
}

/** Checks G6 and G7 of a world at rest. Throws Breach. */
export function checkRest(world: World): void {
  const { journal, mysql } = world;
  const rows = mysql.tables.rows();
  for (const rid of journal.accepted) {
    if (!rows.has(rid) && !journal.forgotten.has(rid))
      throw new Breach("G6", `${rid} was accepted and never decided`);
  }
  for (const rid of journal.cancelAccepted) {
    const row = rows.get(rid);
    if (row && holdsSeat(row.status) && !journal.givenUp.has(rid))
      throw new Breach("G6", `the cancel of ${rid} was accepted and never carried out`);
  }
  for (const lectureId of world.lectureIds) checkAgreement(world, lectureId);
}

/**
 * The claims equal the confirmed rows, and the sweeper's list is empty. Every seat is then
 * confirmed or free to claim.
 */
function checkAgreement({ redis, mysql }: World, lectureId: LectureId): void {
  const confirmed = [...mysql.tables.rows().values()].filter(
    (row) => row.lectureId === lectureId && holdsSeat(row.status),
  );
  const claims = redis.claims(lectureId);
  for (const { rid, userId } of confirmed) {
    const claim = claims.get(userId);
    if (!claim || readClaim(claim).rid !== rid)
      throw new Breach("G7", `${rid} is confirmed, the claim is ${claim}`);
  }
  if (claims.size !== confirmed.length)
    throw new Breach(
      "G7",
      `${claims.size} claims for ${confirmed.length} confirmed rows: a seat is lost`,
    );
  const listed = redis.held(lectureId).size;
  if (listed > 0) throw new Breach("G7", `${listed} in the list of held claims, and none is held`);
}
