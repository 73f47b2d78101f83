import type { LectureId } from "../contract/ids.ts";
import type { Asked, KnownRefusal, KnownRefusals } from "./known-refusals.ts";

/** What one who waited behind others is told: what they were told, or that there was no room for so long that it is for another time. */
export type Told = KnownRefusal | { outcome: "no_room" };

/** A crowd that presses for one lecture in one moment, as far as it comes to this isolate or process. */
export interface Crowd {
  /**
   * Waits while many claim a seat of the lecture, since what they are told may be told to the rest without asking Redis. Gives undefined to
   * whoever is to ask: at once where there is room, without a promise, or as soon as room was found. After about seven seconds without it is
   * `no_room`, and nothing was asked: where the rest went on by then, Redis' answers were late for everybody, and nothing could be told from
   * memory any more.
   */
  waitBehind(asked: Asked): undefined | Promise<Told | undefined>;
  /** Runs a claim, and counts it among those that others wait behind. */
  claiming<Answer>(lectureId: LectureId, claim: () => Promise<Answer>): Promise<Answer>;
}

/** Claims of one lecture under way at once before the rest waits: enough to keep Redis busy, and few to be told sold out in vain. */
const AT_ONCE = 100;

/** The waits of one who finds no room, in milliseconds, each between half and one and a half of this: many would wake up in vain. */
const WAITS_MS = [150, 300, 600, 1_200, 1_200, 1_200, 1_200, 1_200];

/** Nobody waits for another request, which a Worker may not do: each has a timer of its own. */
export function createCrowd(
  known: Pick<KnownRefusals, "of">,
  sleep: (ms: number) => Promise<unknown> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Crowd {
  const underWay = new Map<LectureId, number>();

  const hasRoom = (lectureId: LectureId) => (underWay.get(lectureId) ?? 0) < AT_ONCE;

  async function waitForRoom(asked: Asked): Promise<Told | undefined> {
    for (const waitMs of WAITS_MS) {
      await sleep(waitMs * (0.5 + Math.random()));
      const refusal = known.of(asked);
      if (refusal) return refusal;
      if (hasRoom(asked.lectureId)) return undefined;
    }
    return { outcome: "no_room" };
  }

  return {
    waitBehind: (asked) => (hasRoom(asked.lectureId) ? undefined : waitForRoom(asked)),

    claiming(lectureId, claim) {
      underWay.set(lectureId, (underWay.get(lectureId) ?? 0) + 1);
      return claim().finally(() => {
        const others = (underWay.get(lectureId) ?? 1) - 1;
        if (others > 0) underWay.set(lectureId, others);
        else underWay.delete(lectureId);
      });
    },
  };
}
