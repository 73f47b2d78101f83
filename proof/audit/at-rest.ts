import type { UserId } from "../../contract/ids.ts";
import { noCase } from "../../contract/no-case.ts";
import type { Terms } from "../../contract/terms.ts";
import { type AgeLimits, type Breach, breachOf, confirmedOf, inSeconds } from "./breach.ts";
import type { BrokerFacts, ClaimFact, LectureFacts, ReservationRow } from "./facts.ts";

/**
 * G7 of a lecture: no claim is held, the claims equal the confirmed rows, no pending node is left
 * behind.
 */
export function* breaksRest(facts: LectureFacts, limits: AgeLimits): Iterable<Breach> {
  yield* breaksLoading(facts);
  yield* breaksCopy(facts);
  const mayBeLeftOut = !facts.admitting && !facts.admission.loaded;
  if (!mayBeLeftOut || facts.admission.claims.size > 0) yield* breaksAgreement(facts);
  yield* breaksHeldList(facts);
  yield* breaksForgetting(facts, limits);
}

function* breaksLoading({ admitting, admission, database }: LectureFacts): Iterable<Breach> {
  if (admitting && !admission.loaded?.ready) yield { what: "Redis is not ready to admit to it" };
  for (const key of admission.wrongKeys) yield { what: `${key} is of a wrong type` };
  const { loaded } = admission;
  if (loaded && !database.stock) yield { what: "Redis admits to it, and MySQL has no stock of it" };
  if (loaded && database.stock && loaded.capacity !== database.stock.target)
    yield { what: `Redis has ${loaded.capacity} seats, MySQL ${database.stock.target}` };
}

/** The catalogue shows the terms that the stock has. */
function* breaksCopy({ database: { catalogue, stock } }: LectureFacts): Iterable<Breach> {
  if (!catalogue || !stock) return;
  // G1 tells of another capacity of the same version.
  const { capacity: _, ...others } = stock.terms;
  for (const name of Object.keys(others) as (keyof Terms)[]) {
    const [shown, counts] = [catalogue.terms, stock.terms].map((terms) =>
      JSON.stringify(terms[name]),
    );
    if (shown !== counts)
      yield { what: `the catalogue shows ${name} ${shown}, the stock has ${counts}` };
  }
}

/** H = 0 and K = F, by user and by rid. */
function* breaksAgreement(facts: LectureFacts): Iterable<Breach> {
  const { claims } = facts.admission;
  const confirmed = new Map(confirmedOf(facts.database.rows).map((row) => [row.userId, row]));
  const decisions = new Map(facts.database.rows.map((row) => [row.rid, row.status]));
  for (const [userId, claim] of claims) {
    if ("unreadable" in claim) continue;
    const { rid, state } = claim;
    switch (state) {
      case "held":
        yield {
          what: `the claim is still held after ${inSeconds(facts.readAtMs - claim.claimedAtMs)}, ${decisions.get(rid) ?? "nothing"} decided in MySQL`,
          rid,
          userId,
        };
        break;
      case "confirmed":
        if (confirmed.get(userId)?.rid !== rid)
          yield { what: `confirmed in Redis, ${rowOf(confirmed.get(userId))}`, rid, userId };
        break;
      default:
        noCase(state);
    }
  }
  for (const row of confirmed.values()) {
    if (!isOf(row, claims.get(row.userId)))
      yield breachOf(row, `confirmed in MySQL, ${claimOf(claims.get(row.userId))}`);
  }
}

function isOf(row: ReservationRow, claim: ClaimFact | undefined): boolean {
  return claim !== undefined && "rid" in claim && claim.rid === row.rid;
}

function rowOf(row: ReservationRow | undefined): string {
  return row ? `where MySQL has ${row.rid}` : "without a confirmed row in MySQL";
}

function claimOf(claim: ClaimFact | undefined): string {
  if (!claim) return "without a claim in Redis";
  return "rid" in claim ? `where Redis has ${claim.rid}` : "where Redis has something unreadable";
}

/** The sweeper's list equals the held claims. */
function* breaksHeldList({ admission: { claims, held } }: LectureFacts): Iterable<Breach> {
  const isHeld = (userId: UserId) => {
    const claim = claims.get(userId);
    return claim !== undefined && "rid" in claim && claim.state === "held";
  };
  for (const userId of held.keys()) {
    if (!isHeld(userId)) yield { what: "in the list of held claims without a held claim", userId };
  }
  for (const userId of claims.keys()) {
    if (isHeld(userId) && !held.has(userId))
      yield { what: "a held claim that is not in the list the sweeper looks through", userId };
  }
}

function* breaksForgetting(
  { pending, readAtMs }: LectureFacts,
  limits: AgeLimits,
): Iterable<Breach> {
  for (const node of pending) {
    const ageMs = readAtMs - node.createdAtMs;
    if (ageMs <= limits.pendingMs) continue;
    const what = `the pending node ${node.path} is ${inSeconds(ageMs)} old`;
    yield "unreadable" in node
      ? { what: `${what} and no command: ${node.unreadable}` }
      : { what, rid: node.command.rid, userId: node.command.userId };
  }
}

/** G7 of the broker: the queues are empty, and every dead letter that is a command is decided. */
export function* breaksBrokerRest({ queues, dead, deadUnread }: BrokerFacts): Iterable<Breach> {
  for (const { name, ready } of queues) {
    if (ready > 0) yield { what: `${ready} commands wait in ${name}` };
  }
  for (const letter of dead) {
    if ("rid" in letter && !letter.decided)
      yield { what: "the dead letter was never decided", rid: letter.rid, userId: letter.userId };
  }
  if (deadUnread > 0) yield { what: `${deadUnread} more dead letters than the audit reads` };
}
