import type { AmendmentRefusal } from "../contract/amendment.ts";
import type { AmendCommand } from "../contract/command.ts";
import { bookingWindow, type Change, senselessTerm, type Terms } from "../contract/terms.ts";

/** The stock row of a lecture. `terms.capacity` is the target: what the organiser asked for. */
export interface LectureStock {
  terms: Terms;
  /** the seats that count: the target, or what was given above it and sinks */
  capacity: number;
  remaining: number;
}

/** What the fence found in Redis, when it stood. */
export interface Fence {
  /** the version that the fence was set for: its count says nothing about other terms */
  version: number;
  /** the live claims; undefined where Redis does not know all of them */
  taken: number | undefined;
}

export type Ruling =
  | { outcome: "applied"; before: Terms | null; after: LectureStock; cancelsSeats: boolean }
  | { outcome: "refused"; reason: AmendmentRefusal; version: number }
  /** the next step of a capacity that sinks: no new version, and no row */
  | { outcome: "sunk"; after: LectureStock }
  /** must not be decided before Redis has these terms */
  | { outcome: "fence_needed"; terms: Terms };

/**
 * Rules on an amendment. Pure.
 *
 * A promise already given outranks the change: the capacity never falls below the seats that are
 * confirmed or under way. Nothing is refused because of the fence that could be refused without it.
 *
 * @param stock undefined where there is no such lecture
 * @param fence undefined before Redis was asked
 */
export function ruleOnAmendment(
  stock: LectureStock | undefined,
  command: AmendCommand,
  fence: Fence | undefined,
): Ruling {
  const { change, ifVersion } = command;
  if (change.create) return stock ? refused("invalid", stock) : create(change);
  if (!stock) return refused("lecture_not_found");
  if (isSink(command)) return sink(stock, fence);
  const { terms } = stock;
  if (ifVersion !== null && ifVersion !== terms.version) return refused("version_conflict", stock);
  if (terms.cancelled && !isAllowedWhenCancelled(change)) return refused("invalid", stock);
  const after = { ...amended(terms, change), version: terms.version + 1 };
  if (senselessTerm(after) !== undefined) return refused("invalid", stock);
  if (isTighter(terms, after) && fence?.version !== terms.version)
    return { outcome: "fence_needed", terms: stricter(terms, after) };
  return apply(stock, after, command, fence?.version === terms.version ? fence.taken : undefined);
}

/** Whether a command is the sweeper's next step of a capacity that sinks. */
export function isSink({ change, words }: AmendCommand): boolean {
  return !words && Object.keys(change).length === 0;
}

/** Whether a capacity has still to sink. Seats that are under way may keep it where it is. */
export function isSinking({ terms, capacity, remaining }: LectureStock): boolean {
  return capacity > Math.max(terms.capacity, capacity - remaining);
}

function create({
  published = false,
  opensAtMs,
  closesAtMs,
  startsAtMs,
  endsAtMs,
  cancelUntilMs = null,
  capacity,
  audience = [],
}: Change): Ruling {
  if (
    opensAtMs === undefined ||
    closesAtMs === undefined ||
    startsAtMs === undefined ||
    endsAtMs === undefined ||
    capacity === undefined
  )
    return refused("invalid");
  const times = { opensAtMs, closesAtMs, startsAtMs, endsAtMs, cancelUntilMs };
  const terms = { version: 1, published, cancelled: false, ...times, capacity, audience };
  if (senselessTerm(terms) !== undefined) return refused("invalid");
  const after = { terms, capacity, remaining: capacity };
  return { outcome: "applied", before: null, after, cancelsSeats: false };
}

function sink(stock: LectureStock, fence: Fence | undefined): Ruling {
  const { terms } = stock;
  if (!isSinking(stock)) return { outcome: "sunk", after: stock };
  if (fence?.version !== terms.version) return { outcome: "fence_needed", terms };
  return { outcome: "sunk", after: withCapacity(stock, terms, fence.taken) };
}

function apply(
  stock: LectureStock,
  after: Terms,
  { change, strict }: AmendCommand,
  taken: number | undefined,
): Ruling {
  const cancelsSeats = after.cancelled && !stock.terms.cancelled;
  if (cancelsSeats) {
    const { capacity } = after;
    const seats = { capacity, remaining: capacity };
    return {
      outcome: "applied",
      before: stock.terms,
      after: { terms: after, ...seats },
      cancelsSeats,
    };
  }
  const amendedStock = withCapacity(stock, after, taken);
  if (strict && change.capacity !== undefined && amendedStock.capacity > change.capacity)
    return refused("seats_given", stock);
  return { outcome: "applied", before: stock.terms, after: amendedStock, cancelsSeats };
}

/**
 * The stock under these terms: the seats that are confirmed or claimed stay, also above the target.
 * Where nobody knows the claims, no seat is taken away.
 */
function withCapacity(
  { capacity, remaining }: LectureStock,
  terms: Terms,
  taken: number | undefined,
): LectureStock {
  const confirmed = capacity - remaining;
  const given = taken === undefined ? capacity : Math.max(confirmed, taken);
  const effective = Math.max(terms.capacity, given);
  return { terms, capacity: effective, remaining: effective - confirmed };
}

function refused(reason: AmendmentRefusal, stock?: LectureStock): Ruling {
  return { outcome: "refused", reason, version: stock?.terms.version ?? 0 };
}

/** A cancelled lecture stays cancelled. It may disappear from the lists. */
function isAllowedWhenCancelled(change: Change): boolean {
  const { cancelled: _, published, ...others } = change;
  return published !== true && Object.keys(others).length === 0;
}

function amended(terms: Terms, change: Change): Terms {
  const { cancelUntilMs = terms.cancelUntilMs } = change;
  return {
    version: terms.version,
    published: change.published ?? terms.published,
    cancelled: change.cancelled ?? terms.cancelled,
    opensAtMs: change.opensAtMs ?? terms.opensAtMs,
    closesAtMs: change.closesAtMs ?? terms.closesAtMs,
    startsAtMs: change.startsAtMs ?? terms.startsAtMs,
    endsAtMs: change.endsAtMs ?? terms.endsAtMs,
    cancelUntilMs,
    capacity: change.capacity ?? terms.capacity,
    audience: change.audience ?? terms.audience,
  };
}

/** Whether somebody could be let in under `before` who must not be under `after`. */
export function isTighter(before: Terms, after: Terms): boolean {
  const [was, becomes] = [bookingWindow(before), bookingWindow(after)];
  return (
    after.capacity < before.capacity ||
    becomes.opensAtMs > was.opensAtMs ||
    becomes.closesAtMs < was.closesAtMs ||
    (after.cancelled && !before.cancelled) ||
    (before.published && !after.published) ||
    isNarrower(before.audience, after.audience)
  );
}

function isNarrower(before: string[], after: string[]): boolean {
  if (after.length === 0) return false;
  return before.length === 0 || before.some((group) => !after.includes(group));
}

/**
 * The stricter of both terms, field by field; its version is that of `before`. Two audiences
 * without a common group give a list of groups that nobody is in.
 */
export function stricter(before: Terms, after: Terms): Terms {
  return {
    ...after,
    version: before.version,
    published: before.published && after.published,
    cancelled: before.cancelled || after.cancelled,
    opensAtMs: Math.max(before.opensAtMs, after.opensAtMs),
    closesAtMs: Math.min(bookingWindow(before).closesAtMs, bookingWindow(after).closesAtMs),
    capacity: Math.min(before.capacity, after.capacity),
    audience: common(before.audience, after.audience),
  };
}

/** The name of no group: GROUP_FORM forbids it. */
const NOBODY = "";

function common(before: string[], after: string[]): string[] {
  if (before.length === 0) return after;
  if (after.length === 0) return before;
  const both = before.filter((group) => after.includes(group));
  return both.length > 0 ? both : [NOBODY];
}
