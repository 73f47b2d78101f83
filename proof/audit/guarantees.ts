import { admissionTerms } from "../../admission/terms.ts";
import { readLecture } from "../../catalogue/cache/store.ts";
import type { SeatCommand } from "../../contract/command.ts";
import { lectureOf, Rid, UserId } from "../../contract/ids.ts";
import { noCase } from "../../contract/no-case.ts";
import {
  answersClaim,
  type DecisionStatus,
  holdsSeat,
  RejectReason,
} from "../../contract/reservation.ts";
import type { BookingWindow } from "../../contract/terms.ts";
import { breaksCapacity, breaksTerms, windowsOf } from "./amendments.ts";
import { breaksRest } from "./at-rest.ts";
import { type AgeLimits, type Breach, breachOf, confirmedOf, inSeconds, iso } from "./breach.ts";
import { type LectureFacts, type ReservationRow, readableOf } from "./facts.ts";

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
  T1: {
    promise: "each change of a lecture makes one version, and at rest Redis has the last",
    breaches: breaksTerms,
  },
  T2: {
    promise: "the seats that count are those asked for, or those given above them",
    breaches: breaksCapacity,
  },
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
  // The copy of an older version has the older number, until it follows.
  if (catalogue?.version === stock.version && catalogue.capacity !== stock.target)
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
    const claim = readableOf(admission.claims.get(row.userId));
    if (claim?.rid === row.rid && claim.state === "confirmed" && status === "rejected")
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
    case "cancelled":
      if (reason !== null && reason !== "lecture_cancelled")
        yield breachOf(row, `cancelled, yet rejected for ${reason}`);
      break;
    case "confirmed":
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
    if ("unreadable" in claim || !admission.released.has(claim.rid)) continue;
    const { rid, state } = claim;
    yield { what: `the claim is ${state}, though its rid was released`, rid, userId };
  }
}

/**
 * G5: every row and every claim belongs to a user who asked inside a booking window that was in
 * force. A cancel that overtakes its reserve command leaves a row with the cancel's time, which may
 * lie after the window.
 */
function* breaksWindow(facts: LectureFacts): Iterable<Breach> {
  const { lectureId, database, admission } = facts;
  const windows = windowsOf(facts);
  const { rows } = database;
  const lecture = database.stock ?? database.catalogue;
  for (const row of rows) {
    if (!UserId.safeParse(row.userId).success) yield breachOf(row, "a row without a user");
    if (!Rid.safeParse(row.rid).success || lectureOf(row.rid) !== lectureId)
      yield breachOf(row, "a rid that no request for this lecture has");
    if (!lecture) {
      if (NEEDS_LECTURE[row.status])
        yield breachOf(row, `${row.status} for a lecture that does not exist`);
      continue;
    }
    const mayBeLate = !answersClaim(row.status);
    if (!isWithin(windows, row.claimedAtMs, mayBeLate))
      yield breachOf(row, `claimed ${iso(row.claimedAtMs)}, outside the window`);
  }
  for (const [userId, claim] of admission.claims) {
    if ("unreadable" in claim) {
      yield { what: `a claim that no request has written: ${claim.unreadable}`, userId };
      continue;
    }
    const { rid, claimedAtMs } = claim;
    if (!lecture) yield { what: "a claim of a lecture that does not exist", rid, userId };
    else if (!isWithin(windows, claimedAtMs))
      yield { what: `holds a claim of ${iso(claimedAtMs)}, outside the window`, rid, userId };
  }
  const { loaded } = admission;
  const says = database.stock ? admissionTerms(database.stock.terms) : database.catalogue;
  if (!says || !loaded) return;
  if (loaded.opensAtMs !== says.opensAtMs || loaded.closesAtMs !== says.closesAtMs)
    yield {
      what: `Redis admits from ${iso(loaded.opensAtMs)} to ${iso(loaded.closesAtMs)}, MySQL says ${iso(says.opensAtMs)} to ${iso(says.closesAtMs)}`,
    };
}

function isWithin(windows: BookingWindow[], atMs: number, mayBeLate = false): boolean {
  return windows.some(
    ({ opensAtMs, closesAtMs }) => atMs >= opensAtMs && (mayBeLate || atMs < closesAtMs),
  );
}

/** Only a rejection may be of a lecture that does not exist. */
const NEEDS_LECTURE: Record<DecisionStatus, boolean> = {
  confirmed: true,
  cancelled: true,
  rejected: false,
};

/** G6: no claim and no command waits for its decision beyond the limit. */
function* breaksDeadline(facts: LectureFacts, limits: AgeLimits): Iterable<Breach> {
  const { database, admission, pending, readAtMs } = facts;
  const decisions = new Map(database.rows.map((row) => [row.rid, row.status]));
  const amended = new Set(database.amendments.map(({ rid }) => rid));
  for (const [userId, claim] of admission.claims) {
    if ("unreadable" in claim || claim.state !== "held" || decisions.has(claim.rid)) continue;
    const ageMs = readAtMs - claim.claimedAtMs;
    if (ageMs > limits.undecidedMs)
      yield { what: `the claim is undecided after ${inSeconds(ageMs)}`, rid: claim.rid, userId };
  }
  for (const node of pending) {
    const ageMs = readAtMs - node.createdAtMs;
    if (ageMs <= limits.undecidedMs) continue;
    const after = `after ${inSeconds(ageMs)}`;
    if ("unreadable" in node) {
      yield { what: `the pending node ${node.path} is no command (${node.unreadable}) ${after}` };
      continue;
    }
    const { kind, rid, userId } = node.command;
    const waits = kind === "amend" ? !amended.has(rid) : IS_UNDECIDED[kind](decisions.get(rid));
    if (waits) yield { what: `the ${kind} command is undecided ${after}`, rid, userId };
  }
}

/** Whether a command of this kind still waits beside this decision. */
const IS_UNDECIDED: Record<SeatCommand["kind"], (status: DecisionStatus | undefined) => boolean> = {
  reserve: (status) => status === undefined,
  cancel: (status) => status === undefined || holdsSeat(status),
};
