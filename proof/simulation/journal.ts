import type { Command } from "../../contract/command.ts";
import type { Rid, UserId } from "../../contract/ids.ts";
import type { ReservationStatus } from "../../contract/reservation.ts";
import { Breach } from "./breach.ts";
import type { ReservationRow } from "./mysql/tables.ts";

/** The users' requests and answers, and the fate of each rid. The journal outlives every server. */
export function createJournal(rows: () => ReadonlyMap<Rid, ReservationRow>) {
  const asked = new Map<Rid, UserId>();
  const cancelAsked = new Set<Rid>();
  const told = new Map<Rid, Set<ReservationStatus>>();
  /** rids whose cancel was accepted */
  const cancelAccepted = new Set<Rid>();
  /** rids answered `pending`, `confirmed` or `rejected`: they must end in a decision */
  const accepted = new Set<Rid>();
  /** claims that Redis lost before any other server knew them: the one accepted double fault */
  const forgotten = new Set<Rid>();
  /** cancels given up after the loss of too many workers: the user keeps the seat */
  const givenUp = new Set<Rid>();
  /** rids with a command that was queued as refused, and rids with one that was not */
  const refused = new Set<Rid>();
  const unrefused = new Set<Rid>();
  /** the number of workers lost while they tried a rid's command alone */
  const lostWith = new Map<Rid, number>();

  return {
    asked,
    cancelAsked,
    cancelAccepted,
    accepted,
    forgotten,
    givenUp,
    refused,
    unrefused,
    lostWith,

    /** A command is put on its way. */
    sent(command: Command): void {
      if (command.kind !== "reserve") return;
      (command.refused ? refused : unrefused).add(command.rid);
    },

    /** rid → all its answers */
    told: (): ReadonlyMap<Rid, string> =>
      new Map([...told].map(([rid, statuses]) => [rid, [...statuses].sort().join()])),

    /** G3: every answered decision is the written one, and no answer contradicts it. */
    tell(rid: Rid, status: ReservationStatus): void {
      const before = told.get(rid) ?? new Set();
      told.set(rid, before.add(status));
      accepted.add(rid);
      const row = rows().get(rid);
      if (status === "pending") return;
      if (!row) throw new Breach("G3", `${rid} was told ${status} without a decision`);
      const backed =
        row.status === status || (status === "confirmed" && row.status === "cancelled");
      if (!backed) throw new Breach("G3", `${rid} was told ${status}, and is ${row.status}`);
      if (before.has("rejected") && before.has("confirmed"))
        throw new Breach("G3", `${rid} was told confirmed and rejected`);
    },
  };
}

export type Journal = ReturnType<typeof createJournal>;
