import type { Rid, UserId } from "../../contract/ids.ts";
import type { ReservationStatus } from "../../contract/reservation.ts";
import { Breach } from "./breach.ts";
import type { ReservationRow } from "./mysql/tables.ts";

/** What users asked for and were told, and what became known of each rid; it outlives every server. */
export function createJournal(rows: () => ReadonlyMap<Rid, ReservationRow>) {
  const asked = new Map<Rid, UserId>();
  const cancelAsked = new Set<Rid>();
  const told = new Map<Rid, Set<ReservationStatus>>();
  /** rids whose cancel was accepted */
  const cancelAccepted = new Set<Rid>();
  /** rids that were told pending, confirmed or rejected: they must end in a decision */
  const accepted = new Set<Rid>();
  /** claims that Redis lost before anybody else had heard of them: the one double fault that is accepted */
  const forgotten = new Set<Rid>();
  /** cancels with which too many workers were lost: the seat stays with its user */
  const givenUp = new Set<Rid>();
  /** how many workers were lost with commands of a rid that they tried by themselves */
  const lostWith = new Map<Rid, number>();

  return {
    asked,
    cancelAsked,
    cancelAccepted,
    accepted,
    forgotten,
    givenUp,
    lostWith,

    /** rid → everything that was told of it */
    told: (): ReadonlyMap<Rid, string> =>
      new Map([...told].map(([rid, statuses]) => [rid, [...statuses].sort().join()])),

    /** G3: whoever is told a decision is told the one that is written, and never the other. */
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
