import { availabilityScript } from "../../admission/availability.ts";
import { claimScript } from "../../admission/claim.ts";
import { readClaim } from "../../admission/find-claim.ts";
import { admissionTerms, argsOf } from "../../admission/terms.ts";
import type { LectureId } from "../../contract/ids.ts";
import { redisKeys } from "../../contract/names.ts";
import { holdsSeat } from "../../contract/reservation.ts";
import { isSinking } from "../../worker/amend-rules.ts";
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
    if (redis.data.hashAt(redisKeys.lecture(lectureId)).get("ready") !== "1")
      return `lecture ${lectureId} is not ready`;
    const behind = isBehind({ redis, mysql }, lectureId);
    if (behind) return behind;
    const held = [...redis.data.hashAt(redisKeys.claims(lectureId)).values()].filter((value) =>
      value.startsWith("h:"),
    );
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

/** What keeps the terms of a lecture from rest: a fence, other terms in Redis, or seats that sink. */
function isBehind(
  { redis, mysql }: Pick<World, "redis" | "mysql">,
  lectureId: LectureId,
): string | undefined {
  const stock = mysql.tables.stock.get(lectureId);
  if (!stock) return undefined;
  const standing = redis.data.hashAt(redisKeys.lecture(lectureId));
  if (standing.has("fence")) return `a fence stands: ${standing.get("fence")}`;
  const [version, ...values] = [
    String(stock.terms.version),
    ...argsOf(admissionTerms(stock.terms)),
  ];
  const names = ["opensAtMs", "closesAtMs", "capacity", "cancelled", "audience"];
  const others = names.filter((name, at) => standing.get(name) !== values[at]);
  if (standing.get("version") !== version || others.length > 0)
    return `Redis has version ${standing.get("version")} of ${version}, other: ${others.join(", ")}`;
  return isSinking(stock) ? `${stock.capacity} seats sink` : undefined;
}

/** Checks G6 and G7 of a world at rest. Throws Breach. */
export function checkRest(world: World): void {
  const { journal, amends, mysql } = world;
  amends.checkDecided();
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
  const claims = redis.data.hashAt(redisKeys.claims(lectureId));
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
  const listed = redis.data.zsetAt(redisKeys.held(lectureId)).size;
  if (listed > 0) throw new Breach("G7", `${listed} in the list of held claims, and none is held`);
}
