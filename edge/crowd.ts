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

/** How many of those who wait look again in a second, however many they are: nearly all find no room, and each look is work for the isolate. */
const LOOKS_PER_S = 2_000;

/** The shortest and the longest wait for the next look, in milliseconds. */
const WAIT_MIN_MS = 150;
const WAIT_MAX_MS = 2_000;

/** How long one waits in all, in milliseconds. */
const PATIENCE_MS = 7_000;

/** Nobody waits for another request, which a Worker may not do: each has a timer of its own. */
export function createCrowd(
  known: Pick<KnownRefusals, "of">,
  sleep: (ms: number) => Promise<unknown> = (ms) =>
    new Promise((resolve) => setTimeout(resolve, ms)),
): Crowd {
  const underWay = new Map<LectureId, number>();
  let waiting = 0;

  const hasRoom = (lectureId: LectureId) => (underWay.get(lectureId) ?? 0) < AT_ONCE;

  async function waitForRoom(asked: Asked): Promise<Told | undefined> {
    waiting += 1;
    try {
      for (let waitedMs = 0; waitedMs < PATIENCE_MS; ) {
        const waitMs = nextWaitMs();
        await sleep(waitMs);
        waitedMs += waitMs;
        const refusal = known.of(asked);
        if (refusal) return refusal;
        if (hasRoom(asked.lectureId)) return undefined;
      }
      return { outcome: "no_room" };
    } finally {
      waiting -= 1;
    }
  }

  /** Between half and one and a half of what keeps to the looks in a second, so that who came together does not look together. */
  function nextWaitMs(): number {
    const evenMs = Math.min(WAIT_MAX_MS, Math.max(WAIT_MIN_MS, (1_000 * waiting) / LOOKS_PER_S));
    return evenMs * (0.5 + Math.random());
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
