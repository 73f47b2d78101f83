import type { AmendCommand } from "../../contract/command.ts";
import { amendmentRidOf, type LectureId, lectureOf, type Rid } from "../../contract/ids.ts";
import { pendingPaths } from "../../contract/names.ts";
import { bookingWindow, type Change, type Terms } from "../../contract/terms.ts";
import { Breach } from "./breach.ts";
import type { AmendmentRow, StockRow, Tables } from "./mysql/tables.ts";
import { shards } from "./rids.ts";

const ORGANISER = "organiser";

/** The groups that the users of a world are in: each second user in one. */
export const GROUP = "g1";

/** Amendments of one lecture in one world: more than any world draws. */
const RIDS = 8;

const ridsOf = new Map<LectureId, Rid[]>();

/** The rids of a lecture's amendments, all in the shards that exist. */
function amendmentRids(lectureId: LectureId): Rid[] {
  const known = ridsOf.get(lectureId);
  if (known) return known;
  const rids: Rid[] = [];
  for (let key = 0; rids.length < RIDS; key += 1) {
    const rid = amendmentRidOf(lectureId, ORGANISER, `key-${key}`);
    if (shards.has(pendingPaths.shardOf(rid))) rids.push(rid);
  }
  ridsOf.set(lectureId, rids);
  return rids;
}

/** Whether a user of a world may book under this audience. */
export function isEligible(userId: string, audience: string[]): boolean {
  return audience.length === 0 || groupsOf(userId).some((group) => audience.includes(group));
}

export function groupsOf(userId: string): string[] {
  return Number(userId.slice(1)) % 2 === 0 ? [GROUP] : [];
}

/** The organisers' requests and answers, and all terms that were ever in force. */
export function createAmends(tables: Tables, random: () => number) {
  const asked = new Map<Rid, AmendCommand>();
  /** rids that were answered: they must end in a decision */
  const accepted = new Set<Rid>();
  const told = new Map<Rid, string>();
  const inForce = new Map<LectureId, Terms[]>();
  let seen = new Map<LectureId, StockRow>();

  function noteTerms(lectureId: LectureId, { terms }: StockRow): void {
    const known = inForce.get(lectureId) ?? [];
    if (known.at(-1) !== terms) inForce.set(lectureId, [...known, terms]);
  }

  /** T1: each version has one amendment, and none is left out. */
  function checkVersion(lectureId: LectureId, before: StockRow, after: StockRow): void {
    const [was, is] = [before.terms.version, after.terms.version];
    if (is !== was && is !== was + 1)
      throw new Breach("T1", `lecture ${lectureId} went from version ${was} to ${is}`);
    if (is === was && JSON.stringify(before.terms) !== JSON.stringify(after.terms))
      throw new Breach("T1", `the terms of lecture ${lectureId} changed in version ${is}`);
    if (is === was && after.remaining > before.remaining && after.capacity > after.terms.capacity)
      throw new Breach("T2", `a seat of lecture ${lectureId} is free above its target`);
    const amendment = findVersion(lectureId, is);
    if (is !== was && !amendment)
      throw new Breach("T1", `version ${is} of lecture ${lectureId} has no amendment`);
    if (is !== was && amendment) checkAsked(amendment, after);
  }

  function findVersion(lectureId: LectureId, version: number): AmendmentRow | undefined {
    return tables.amendments
      .values()
      .find(
        (row) =>
          row.lectureId === lectureId && row.outcome === "applied" && row.version === version,
      );
  }

  /** What was asked is what was applied, for the version that it was asked for. */
  function checkAsked({ rid, version }: AmendmentRow, { terms, capacity }: StockRow): void {
    const command = asked.get(rid);
    if (!command) throw new Breach("G5", `${rid} was applied, and nobody asked for it`);
    const { change, ifVersion, strict } = command;
    if (ifVersion !== null && ifVersion !== version - 1)
      throw new Breach("T1", `${rid} was for version ${ifVersion}, and made version ${version}`);
    for (const [name, value] of Object.entries(change))
      if (JSON.stringify(terms[name as keyof Terms]) !== JSON.stringify(value))
        throw new Breach("T1", `${rid} was applied without its ${name}`);
    if (strict && change.capacity !== undefined && capacity !== change.capacity && !terms.cancelled)
      throw new Breach("T2", `${rid} was strict, and ${capacity} seats are given`);
  }

  /** The organiser's command under a rid, which every repetition finds again. */
  function noteAsked(
    rid: Rid,
    requestedAtMs: number,
    what: Pick<AmendCommand, "ifVersion" | "strict" | "words" | "change">,
  ): AmendCommand {
    const of = { rid, lectureId: lectureOf(rid), userId: ORGANISER, requestedAtMs };
    const command: AmendCommand = { kind: "amend", ...of, ...what };
    asked.set(rid, command);
    return command;
  }

  return {
    asked,
    accepted,

    /** The organiser asks for a change of any version: the lecture's first such command. */
    ask(lectureId: LectureId, change: Change, nowMs: number): AmendCommand {
      const rid = amendmentRids(lectureId)[0] as Rid;
      return noteAsked(rid, nowMs, { ifVersion: null, strict: false, words: false, change });
    },

    /** Another amendment, or one that was asked before. */
    draw(lectureIds: LectureId[], nowMs: number): AmendCommand | undefined {
      const lectureId = lectureIds[Math.floor(random() * lectureIds.length)] as LectureId;
      const rids = amendmentRids(lectureId);
      const rid = rids[Math.floor(random() * rids.length)] as Rid;
      const again = asked.get(rid);
      if (again) return again;
      const stock = tables.stock.get(lectureId);
      if (!stock) return undefined;
      const { version } = stock.terms;
      return noteAsked(rid, nowMs, {
        ifVersion: random() < 0.7 ? null : Math.max(1, version - Math.floor(random() * 2)),
        strict: random() < 0.2,
        ...drawChange(stock.terms, nowMs, random),
      });
    },

    /** G3: every answer is the decision that is written, and stays it. */
    tell(rid: Rid, status: string, version: number | undefined): void {
      accepted.add(rid);
      if (status === "pending") return;
      const row = tables.amendments.get(rid);
      if (row?.outcome !== status || row.version !== version)
        throw new Breach("G3", `${rid} was told ${status} (${version}), and is ${row?.outcome}`);
      const answer = `${status} ${version}`;
      if ((told.get(rid) ?? answer) !== answer)
        throw new Breach("G3", `${rid} was told ${told.get(rid)} and ${answer}`);
      told.set(rid, answer);
    },

    /** Runs after each commit. */
    check(): void {
      const now = new Map(tables.stock);
      for (const [lectureId, row] of now) {
        const before = seen.get(lectureId);
        if (before === row) continue;
        noteTerms(lectureId, row);
        if (before) checkVersion(lectureId, before, row);
        if (row.capacity < row.terms.capacity)
          throw new Breach("T2", `${row.capacity} seats count of ${row.terms.capacity} asked for`);
      }
      seen = now;
    },

    /** Whether terms that were ever in force let this user in at this time. */
    mayHaveClaimed(lectureId: LectureId, userId: string, atMs: number): boolean {
      return (inForce.get(lectureId) ?? []).some((terms) => {
        const { opensAtMs, closesAtMs } = bookingWindow(terms);
        return (
          terms.published &&
          isEligible(userId, terms.audience) &&
          atMs >= opensAtMs &&
          atMs < closesAtMs
        );
      });
    },

    /** Checks G6 at rest. */
    checkDecided(): void {
      for (const rid of accepted)
        if (!tables.amendments.has(rid))
          throw new Breach("G6", `the amendment ${rid} was accepted and never decided`);
    },
  };
}

export type Amends = ReturnType<typeof createAmends>;

type Drawn = Pick<AmendCommand, "change" | "words">;

function drawChange(terms: Terms, nowMs: number, random: () => number): Drawn {
  const whole = (most: number) => Math.floor(random() * (most + 1));
  const dice = random();
  const changed = (change: Change): Drawn => ({ change, words: false });
  if (dice < 0.45) return changed({ capacity: whole(5) });
  if (dice < 0.55) return changed({ closesAtMs: nowMs });
  if (dice < 0.65) return changed({ closesAtMs: nowMs + 3_600_000 });
  if (dice < 0.7) return changed({ opensAtMs: nowMs - 60_000 + whole(2) * 61_000 });
  if (dice < 0.78) {
    const startsAtMs = nowMs + 1_800_000 * (1 + whole(3));
    return changed({ startsAtMs, endsAtMs: startsAtMs + 3_600_000 });
  }
  if (dice < 0.83) return changed({ published: whole(1) === 1 });
  if (dice < 0.92) return changed({ audience: whole(1) === 1 ? [GROUP] : [] });
  if (dice < 0.95) return { change: {}, words: true };
  if (dice < 0.97) return changed({ capacity: whole(5), audience: terms.audience });
  return changed({ cancelled: true });
}
