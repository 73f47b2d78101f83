import type { PoolConnection } from "mysql2/promise";
import { settle } from "../admission/settle.ts";
import { admissionTerms, fence, type Taken, writeTerms } from "../admission/terms.ts";
import type { AmendCommand } from "../contract/command.ts";
import type { LectureId } from "../contract/ids.ts";
import type { Terms } from "../contract/terms.ts";
import { crashPoint } from "../runtime/crash-points/crash-point.ts";
import { type Amended, findAmended, writeRuling } from "./amend-ledger.ts";
import {
  type Fence,
  isSink,
  type LectureStock,
  type Ruling,
  ruleOnAmendment,
} from "./amend-rules.ts";
import { decidedClaims } from "./booking-terms.ts";
import type { WorkerDeps } from "./deps.ts";
import { lockLecture } from "./lecture-stock.ts";
import { removeNodes, untilTaken } from "./settle.ts";

/** Seats of a cancelled lecture that are released in one script run. */
const SEATS_PER_PAGE = 1_000;

/** A decided amendment, and the lecture's terms from now on; no terms where there is no lecture. */
export interface DecidedAmendment {
  command: AmendCommand;
  /** undefined for a sinking step, which is no amendment */
  amended: Amended | undefined;
  terms: Terms | undefined;
}

/** The rules under the lock, or the rules of an amendment that is given up. */
type Rule = (stock: LectureStock | undefined) => Ruling;

/**
 * Decides an amendment. An amendment that lets in fewer people is fenced in Redis first: from the
 * fence on nobody is let in whom it keeps out, so the claims counted there are all that it has to
 * keep. Waits for Redis without limit.
 *
 * A second run finds the decision that stands.
 */
export async function decideAmendment(
  deps: WorkerDeps,
  command: AmendCommand,
): Promise<DecidedAmendment> {
  let stands: Fence | undefined;
  while (true) {
    const rule: Rule = (stock) => ruleOnAmendment(stock, command, stands);
    const decided = await decideLocked(deps, command, rule, (connection) => connection.commit());
    if (!("outcome" in decided)) return decided;
    stands = await setFence(deps, command, decided);
    crashPoint("amend.fenced");
  }
}

/** Does all that `decideAmendment` does before its commit, without a fence, then rolls back. */
export async function rehearseAmendment(
  deps: Pick<WorkerDeps, "database" | "now">,
  command: AmendCommand,
): Promise<void> {
  const rule: Rule = (stock) => {
    const stands = stock && { version: stock.terms.version, taken: undefined };
    return ruleOnAmendment(stock, command, stands);
  };
  await decideLocked(deps, command, rule, (connection) => connection.rollback());
}

/** Refuses an amendment as undeliverable, unless it is decided. A sinking step just ends. */
export async function giveUpAmendment(
  deps: WorkerDeps,
  command: AmendCommand,
): Promise<DecidedAmendment> {
  const rule: Rule = (stock) => {
    if (isSink(command) && stock) return { outcome: "sunk", after: stock };
    const version = stock?.terms.version ?? 0;
    return { outcome: "refused", reason: "undeliverable", version };
  };
  const decided = await decideLocked(deps, command, rule, (connection) => connection.commit());
  if ("outcome" in decided) throw new TypeError("an amendment that is given up needs no fence");
  return decided;
}

type FenceNeeded = Extract<Ruling, { outcome: "fence_needed" }>;

async function decideLocked(
  { database, now }: Pick<WorkerDeps, "database" | "now">,
  command: AmendCommand,
  rule: Rule,
  end: (connection: PoolConnection) => Promise<void>,
): Promise<DecidedAmendment | FenceNeeded> {
  return await database.withConnection(async (connection) => {
    await connection.beginTransaction();
    const stock = await lockLecture(connection, command.lectureId);
    const known = await findAmended(connection, command);
    const ruling = known ? undefined : rule(stock);
    if (ruling?.outcome === "fence_needed") {
      await connection.rollback();
      return ruling;
    }
    if (!ruling || (ruling.outcome === "sunk" && ruling.after === stock)) {
      await connection.rollback();
      return { command, amended: known, terms: stock?.terms };
    }
    await writeRuling(connection, command, ruling, now());
    crashPoint("amend.written");
    await end(connection);
    return { command, amended: amendedBy(ruling), terms: termsAfter(ruling, stock) };
  });
}

function amendedBy(ruling: Exclude<Ruling, FenceNeeded>): Amended | undefined {
  const { outcome } = ruling;
  if (outcome === "sunk") return undefined;
  return outcome === "refused"
    ? { outcome, reason: ruling.reason, version: ruling.version }
    : { outcome, version: ruling.after.terms.version };
}

function termsAfter(ruling: Ruling, stock: LectureStock | undefined): Terms | undefined {
  return ruling.outcome === "applied" ? ruling.after.terms : stock?.terms;
}

/** A Redis that refuses the fence is closed for this lecture, and its claims are unknown. */
async function setFence(
  deps: WorkerDeps,
  command: AmendCommand,
  { terms }: FenceNeeded,
): Promise<Fence> {
  const { lectureId, rid } = command;
  const fenced = { lectureId, terms: admissionTerms(terms) };
  const taken = await untilTaken<Taken>(deps, lectureId, {
    ask: () => fence(deps.redis, fenced, isSink(command) ? undefined : rid),
    rids: [rid],
    whenRefused: undefined,
  });
  return { version: terms.version, taken };
}

/**
 * Settles a decided amendment: first the terms in Redis, and with them the end of its fence; then
 * the seats of a cancelled lecture, page by page; then the pending node. Doing it again changes
 * nothing.
 */
export async function settleAmendment(
  deps: WorkerDeps,
  { command, amended, terms }: DecidedAmendment,
): Promise<void> {
  const { lectureId, rid, change } = command;
  if (terms) {
    const lecture = { lectureId, terms: admissionTerms(terms) };
    await untilTaken<void>(deps, lectureId, {
      ask: () => writeTerms(deps.redis, lecture, rid),
      rids: [rid],
      whenRefused: undefined,
    });
  }
  crashPoint("amend.terms_settled");
  if (amended?.outcome === "applied" && change.cancelled) await releaseSeats(deps, lectureId);
  await removeNodes(deps, [command]);
}

/** Releases the claims of the cancelled seats, in Redis, by rid. */
async function releaseSeats(deps: WorkerDeps, lectureId: LectureId): Promise<void> {
  for (let after = "", isLast = false; !isLast; ) {
    const page = await untilTaken(deps, lectureId, {
      ask: () => decidedClaims(deps.database, lectureId, after, SEATS_PER_PAGE),
      rids: [],
      whenRefused: [],
    });
    const seats = page.flatMap(({ state, ...seat }) =>
      state === "cancelled" ? [{ ...seat, status: state }] : [],
    );
    if (seats.length > 0)
      await untilTaken(deps, lectureId, {
        ask: () => settle(deps.redis, lectureId, seats),
        rids: seats.map(({ rid }) => rid),
        whenRefused: undefined,
      });
    crashPoint("amend.seats_released");
    after = page.at(-1)?.rid ?? after;
    isLast = page.length < SEATS_PER_PAGE;
  }
}
