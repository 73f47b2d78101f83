import { admissionTerms, argsOf } from "../../admission/terms.ts";
import { type BookingWindow, bookingWindow, type Terms } from "../../contract/terms.ts";
import { type Breach, confirmedOf } from "./breach.ts";
import type { AmendmentFact, LectureFacts } from "./facts.ts";

/** The windows of all terms that were ever in force, as far as the amendments tell. */
export function windowsOf({ database }: LectureFacts): BookingWindow[] {
  const { stock, amendments } = database;
  const told = amendments.flatMap(({ before, after }) => [before, after]);
  const published = [...told, stock?.terms].filter((terms) => terms?.published);
  const windows = published.flatMap((terms) => (terms ? [bookingWindow(terms)] : []));
  // A lecture that was never amended, or never published, has the window of its row.
  const own = stock ?? database.catalogue;
  return own ? [...windows, own] : windows;
}

/** T1: each version has one amendment, and at rest Redis has the terms of the last. */
export function* breaksTerms(facts: LectureFacts): Iterable<Breach> {
  const { stock, amendments } = facts.database;
  if (!stock) return;
  const applied = amendments
    .filter(({ outcome }) => outcome === "applied")
    .toSorted((a, b) => a.version - b.version);
  yield* breaksVersions(applied, stock.version);
  const last = applied.at(-1);
  if (last && !isSame(last.after, stock.terms))
    yield { what: `version ${last.version} has other terms than the stock`, rid: last.rid };
  yield* breaksStanding(facts, stock.terms);
}

function* breaksVersions(applied: AmendmentFact[], present: number): Iterable<Breach> {
  // A lecture that was written by hand has its first version without an amendment.
  let next = applied[0]?.version === 1 ? 1 : 2;
  let before: Terms | null | undefined;
  for (const { rid, version, ...terms } of applied) {
    if (version !== next) yield { what: `version ${version} follows ${next - 1}`, rid };
    if (before && !isSame(terms.before, before))
      yield { what: `version ${version} begins with other terms than ${version - 1} has`, rid };
    before = terms.after;
    next = version + 1;
  }
  if (present !== next - 1)
    yield { what: `the stock has version ${present}, its amendments lead to ${next - 1}` };
}

function* breaksStanding({ admission }: LectureFacts, terms: Terms): Iterable<Breach> {
  const { loaded } = admission;
  if (!loaded) return;
  if (loaded.fence !== null) yield { what: `a fence stands at rest: ${loaded.fence}` };
  if (loaded.version !== terms.version)
    yield { what: `Redis has version ${loaded.version}, MySQL ${terms.version}` };
  const [, , , cancelled, audience] = argsOf(admissionTerms(terms));
  if (loaded.cancelled !== cancelled || loaded.audience !== audience)
    yield {
      what: `Redis has cancelled ${loaded.cancelled} and audience "${loaded.audience}", MySQL ${cancelled} and "${audience}"`,
    };
}

/** T2: the seats that count are what was asked for, or what is given above it. */
export function* breaksCapacity({ database, admission }: LectureFacts): Iterable<Breach> {
  const { stock, rows } = database;
  if (!stock) return;
  const { capacity, target } = stock;
  if (capacity < target) yield { what: `${capacity} seats count, ${target} were asked for` };
  const isAtRest = admission.held.size === 0;
  const given = Math.max(target, confirmedOf(rows).length);
  if (isAtRest && capacity > given)
    yield { what: `${capacity} seats count, ${target} were asked for and ${given} are given` };
}

function isSame(one: Terms | null, other: Terms | null): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(terms: Terms | null): unknown {
  return terms && Object.entries(terms).sort(([a], [b]) => (a < b ? -1 : 1));
}
