import { readLecture } from "../../catalogue/cache/store.ts";
import type { Command } from "../../contract/command.ts";
import { lectureOf, Rid, UserId } from "../../contract/ids.ts";
import { noCase } from "../../contract/no-case.ts";
import { type DecisionStatus, holdsSeat, RejectReason } from "../../contract/reservation.ts";
import { breaksRest } from "./at-rest.ts";
import { type AgeLimits, type Breach, breachOf, confirmedOf, inSeconds, iso } from "./breach.ts";
import type { LectureFacts, ReservationRow } from "./facts.ts";

export interface Guarantee {
  promise: string;
  /** every breach in the facts; none if the guarantee holds */
  breaches: (facts: LectureFacts, limits: AgeLimits) => Iterable<Breach>;
}

/** The guarantees of the design and ARCHITECTURE.md that the servers show, in their order. */
export const guarantees = {
  G1: {
    promise: "no more confirmed than seats, and the seats left are counted right",
    breaches: breaksSeats,
  },
  G2: {
    promise: "a user has one confirmed reservation of a lecture at most",
    breaches: breaksOneEach,
  },
  G3: {
    promise: "a reservation is decided once, and nobody is told otherwise",
    breaches: breaksOneDecision,
  },
  G4: { promise: "a seat that was given back is never confirmed", breaches: breaksRelease },
  G5: {
    promise: "nobody holds a seat without asking, or by asking outside the window",
    breaches: breaksWindow,
  },
  G6: { promise: "what was accepted is decided in time", breaches: breaksDeadline },
  G7: { promise: "at rest all servers tell the same", breaches: breaksRest },
  K1: { promise: "at rest the cached lecture is the catalogue's", breaches: breaksCache },
} as const satisfies Record<string, Guarantee>;

export type GuaranteeName = keyof typeof guarantees;

/** G1: F ≤ C, and stock.remaining = C − F. */
function* breaksSeats({ database: { catalogue, stock, rows } }: LectureFacts): Iterable<Breach> {
  const confirmed = confirmedOf(rows);
  if (!stock) {
    if (catalogue?.published) yield { what: "the lecture is published and has no stock" };
    for (const row of confirmed) yield breachOf(row, "confirmed for a lecture without stock");
    return;
  }
  const { capacity, remaining } = stock;
  if (remaining !== capacity - confirmed.length)
    yield {
      what: `stock.remaining is ${remaining}, while ${capacity} seats less ${confirmed.length} confirmed leave ${capacity - confirmed.length}`,
    };
  if (catalogue && catalogue.capacity !== stock.target)
    yield { what: `the catalogue says ${catalogue.capacity} seats, the stock ${stock.target}` };
  const oversold = confirmed.toSorted((a, b) => a.decidedAtMs - b.decidedAtMs).slice(capacity);
  for (const row of oversold) yield breachOf(row, `confirmed beyond the ${capacity} seats`);
}

/**
 * K1: the cached lecture is as the catalogue answers it. The absence of a lecture is cached for five
 * seconds, and a new lecture is not told to the cache. A host's name is of the host.
 */
function* breaksCache({ cached, database: { shown } }: LectureFacts): Iterable<Breach> {
  if (cached === undefined || !shown) return;
  const { version, json } = readLecture(cached);
  if (json === "") return;
  if (version !== shown.version)
    yield { what: `version ${version} is cached, the catalogue has ${shown.version}` };
  else if (withoutHostName(json) !== withoutHostName(shown.json))
    yield { what: `the cached version ${version} has other words than the catalogue's` };
}

function withoutHostName(json: string): string {
  return json.replace(/"host":\{"id":"([^"]*)","name":"(?:[^"\\]|\\.)*"\}/, '"host":"$1"');
}

/** G2: at most one confirmed row per user. */
function* breaksOneEach({ database }: LectureFacts): Iterable<Breach> {
  const first = new Map<UserId, Rid>();
  for (const row of confirmedOf(database.rows)) {
    const known = first.get(row.userId);
    if (known === undefined) first.set(row.userId, row.rid);
    else yield breachOf(row, `confirmed a second time, after ${known}`);
  }
}

/**
 * G3, as far as rows show it afterwards: one row per rid, a reason exactly on rejected rows, no
 * contradiction in Redis.
 */
function* breaksOneDecision({ database, admission }: LectureFacts): Iterable<Breach> {
  const rids = new Set<Rid>();
  for (const row of database.rows) {
    if (rids.has(row.rid)) yield breachOf(row, "decided by more than one row");
    rids.add(row.rid);
    const { status } = row;
    yield* breaksReason(row);
    const released = admission.released.get(row.rid);
    if (released && !holdsSeat(status) && released !== status)
      yield breachOf(row, `${status} in MySQL, ${released} in Redis`);
    const claim = admission.claims.get(row.userId);
    if (
      claim &&
      "rid" in claim &&
      claim.rid === row.rid &&
      claim.state === "confirmed" &&
      status === "rejected"
    )
      yield breachOf(row, "rejected in MySQL, confirmed in Redis");
  }
}

function* breaksReason(row: ReservationRow): Iterable<Breach> {
  const { status, reason } = row;
  switch (status) {
    case "rejected":
      if (reason === null) yield breachOf(row, "rejected for no reason");
      else if (!RejectReason.safeParse(reason).success)
        yield breachOf(row, `rejected for the unknown reason ${reason}`);
      break;
    case "confirmed":
    case "cancelled":
      if (reason !== null) yield breachOf(row, `${status}, yet rejected for ${reason}`);
      break;
    default:
      noCase(status);
  }
}

/** G4: a released rid is rejected or cancelled in MySQL, and has no live claim. */
function* breaksRelease({ database, admission }: LectureFacts): Iterable<Breach> {
  const undecided = new Map(admission.released);
  for (const row of database.rows) {
    if (holdsSeat(row.status) && undecided.has(row.rid))
      yield breachOf(row, `confirmed in MySQL, its claim released as ${undecided.get(row.rid)}`);
    undecided.delete(row.rid);
  }
  for (const [rid, status] of undecided)
    yield { what: `released as ${status} without a decision`, rid };
  for (const [userId, claim] of admission.claims) {
    if ("rid" in claim && admission.released.has(claim.rid))
      yield {
        what: `the claim is ${claim.state}, though its rid was released`,
        rid: claim.rid,
        userId,
      };
  }
}

/**
 * G5: every row and every claim belongs to a user who asked inside the booking window. A cancel
 * that overtakes its reserve command leaves a row with the cancel's time, which may lie after the
 * window.
 */
function* breaksWindow({ lectureId, database, admission }: LectureFacts): Iterable<Breach> {
  const { rows } = database;
  const lecture = database.stock ?? database.catalogue;
  for (const row of rows) {
    if (!UserId.safeParse(row.userId).success) yield breachOf(row, "a row without a user");
    if (!Rid.safeParse(row.rid).success || lectureOf(row.rid) !== lectureId)
      yield breachOf(row, "a rid that no request for this lecture has");
    if (!lecture) {
      if (needsLecture(row.status))
        yield breachOf(row, `${row.status} for a lecture that does not exist`);
      continue;
    }
    const late = row.claimedAtMs >= lecture.closesAtMs && isOfClaim(row.status);
    if (row.claimedAtMs < lecture.opensAtMs || late)
      yield breachOf(row, `claimed ${iso(row.claimedAtMs)}, outside the window`);
  }
  for (const [userId, claim] of admission.claims) {
    if ("unreadable" in claim)
      yield { what: `a claim that no request has written: ${claim.unreadable}`, userId };
    else if (!lecture)
      yield { what: "a claim of a lecture that does not exist", rid: claim.rid, userId };
    else if (claim.claimedAtMs < lecture.opensAtMs || claim.claimedAtMs >= lecture.closesAtMs)
      yield {
        what: `holds a claim of ${iso(claim.claimedAtMs)}, outside the window`,
        rid: claim.rid,
        userId,
      };
  }
  const { loaded } = admission;
  if (!lecture || !loaded) return;
  if (loaded.opensAtMs !== lecture.opensAtMs || loaded.closesAtMs !== lecture.closesAtMs)
    yield {
      what: `Redis admits from ${iso(loaded.opensAtMs)} to ${iso(loaded.closesAtMs)}, MySQL says ${iso(lecture.opensAtMs)} to ${iso(lecture.closesAtMs)}`,
    };
}

/** Only a rejection may be of a lecture that does not exist. */
function needsLecture(status: DecisionStatus): boolean {
  switch (status) {
    case "confirmed":
    case "cancelled":
      return true;
    case "rejected":
      return false;
    default:
      return noCase(status);
  }
}

/** Whether the row's time is surely the claim's; a cancelled row may have its cancel's. */
function isOfClaim(status: DecisionStatus): boolean {
  switch (status) {
    case "confirmed":
    case "rejected":
      return true;
    case "cancelled":
      return false;
    default:
      return noCase(status);
  }
}

/** G6: no claim and no command waits for its decision beyond the limit. */
function* breaksDeadline(facts: LectureFacts, limits: AgeLimits): Iterable<Breach> {
  const { database, admission, pending, readAtMs } = facts;
  const decisions = new Map(database.rows.map((row) => [row.rid, row.status]));
  for (const [userId, claim] of admission.claims) {
    if (!("rid" in claim) || claim.state !== "held" || decisions.has(claim.rid)) continue;
    const ageMs = readAtMs - claim.claimedAtMs;
    if (ageMs > limits.undecidedMs)
      yield { what: `the claim is undecided after ${inSeconds(ageMs)}`, rid: claim.rid, userId };
  }
  for (const node of pending) {
    const ageMs = readAtMs - node.createdAtMs;
    if (ageMs <= limits.undecidedMs) continue;
    if ("unreadable" in node) {
      yield {
        what: `the pending node ${node.path} is no command (${node.unreadable}) after ${inSeconds(ageMs)}`,
      };
      continue;
    }
    const { kind, rid, userId } = node.command;
    if (isUndecided(kind, decisions.get(rid)))
      yield { what: `the ${kind} command is undecided after ${inSeconds(ageMs)}`, rid, userId };
  }
}

function isUndecided(kind: Command["kind"], status: DecisionStatus | undefined): boolean {
  switch (kind) {
    case "reserve":
      return status === undefined;
    case "cancel":
      return status === undefined || holdsSeat(status);
    default:
      return noCase(kind);
  }
}
