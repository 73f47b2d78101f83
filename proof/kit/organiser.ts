import { createLectureWrites } from "../../catalogue/cache/writing-lecture.ts";
import { projectTerms } from "../../catalogue/project.ts";
import type { AmendCommand } from "../../contract/command.ts";
import { amendmentRidOf, type LectureId, type Rid } from "../../contract/ids.ts";
import type { Change, Terms } from "../../contract/terms.ts";
import { createPendingNodes } from "../../pending/create.ts";
import { openPublisher } from "../../queue/publisher.ts";
import { systemClock } from "../../runtime/clock/clock.ts";
import { readDatabase } from "../audit/read-mysql.ts";
import type { AuditSources } from "../audit/sources.ts";

const ORGANISER = "organiser";
const POLL_MS = 100;

/** A decided amendment, as its row tells it. */
export interface Decided {
  rid: Rid;
  outcome: string;
  reason: string | null;
}

/** Tries again while a server is away, for `withinMs` ms. Rejects with the last error then. */
export async function patiently<T>(work: () => Promise<T>, withinMs: number): Promise<T> {
  const endsAtMs = performance.now() + withinMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > endsAtMs) throw error;
      await Bun.sleep(POLL_MS);
    }
  }
}

/**
 * An organiser who amends lectures as the origin does: the pending node, then the message, and once
 * it is decided the copy of the terms in the catalogue.
 */
export function openOrganiser(sources: AuditSources) {
  const { rabbit, zooKeeper, catalogue, redis } = sources;
  const createPendingNode = createPendingNodes(zooKeeper);
  const publisher = openPublisher({ ...rabbit, maxInFlight: 100, confirmTimeoutMs: 5_000 });
  const writes = createLectureWrites({ redis, clock: systemClock, name: crypto.randomUUID() });
  const asked = new Map<LectureId, Set<Rid>>();

  /** The node brings the command back where its message is lost. */
  async function amend(
    lectureId: LectureId,
    change: Change,
    more: Partial<AmendCommand> = {},
  ): Promise<AmendCommand> {
    const command: AmendCommand = {
      kind: "amend",
      rid: amendmentRidOf(lectureId, ORGANISER, crypto.randomUUID()),
      lectureId,
      userId: ORGANISER,
      requestedAtMs: Date.now(),
      ifVersion: null,
      strict: false,
      words: false,
      change,
      ...more,
    };
    const isNoted = await createPendingNode(command).then(
      () => true,
      () => false,
    );
    const outcome = await publisher.publish(command);
    // Otherwise the origin would answer 503: nothing brings such a command back.
    if (isNoted || outcome === "queued")
      asked.set(lectureId, (asked.get(lectureId) ?? new Set()).add(command.rid));
    return command;
  }

  async function copyTerms(lectureId: LectureId, terms: Terms | undefined): Promise<void> {
    if (terms) await projectTerms(catalogue, writes, lectureId, terms);
  }

  return {
    readyWithin: publisher.readyWithin,
    amend,

    /** Waits until each amendment of a lecture is decided, and the catalogue shows the last terms. */
    async untilDecided(lectureId: LectureId, withinMs: number): Promise<Decided[]> {
      const endsAtMs = performance.now() + withinMs;
      const rids = asked.get(lectureId) ?? new Set();
      const look = async () => {
        const { amendments, stock } = await readDatabase(sources, lectureId);
        const decided = amendments.filter(({ rid }) => rids.has(rid));
        if (decided.length < rids.size && performance.now() <= endsAtMs) return undefined;
        await copyTerms(lectureId, stock?.terms);
        return decided.map(({ rid, outcome, reason }) => ({ rid, outcome, reason }));
      };
      for (;;) {
        const decided = await patiently(look, withinMs);
        if (decided) return decided;
        await Bun.sleep(POLL_MS);
      }
    },

    /** How many amendments of a lecture a server holds, and so must be decided. */
    asked: (lectureId: LectureId) => asked.get(lectureId)?.size ?? 0,

    close: () => publisher.close(),
  };
}

export type Organiser = ReturnType<typeof openOrganiser>;
