import type { LectureId } from "../contract/ids.ts";
import type { Asked, KnownRefusal, KnownRefusals } from "./known-refusals.ts";

/** What a waiting request learns: the refusal that others got, or `no_room` after 7 s. */
export type CrowdRefusal = KnownRefusal | { outcome: "no_room" };

/** The requests for one lecture that reach this isolate or process at the same time. */
export interface Crowd {
  /**
   * Waits while 100 claims of the lecture are under way: their refusals may answer the rest without
   * Redis.
   *
   * Returns undefined if the request has to ask Redis: at once and without a promise if there is
   * room, else when room appears. Returns `no_room` after about 7 s without room, with nothing
   * asked. Letting the crowd in instead made Redis' answers too late for everybody, and too old to
   * be repeated from memory.
   */
  waitBehind(asked: Asked): undefined | Promise<CrowdRefusal | undefined>;
  /** Runs a claim, and counts it among the claims that others wait behind. */
  claiming<Answer>(lectureId: LectureId, claim: () => Promise<Answer>): Promise<Answer>;
}

/**
 * Claims of one lecture under way before others wait: enough to keep Redis busy, and few that ask
 * in vain.
 */
const AT_ONCE = 100;

/**
 * Waiting requests that look again in a second, whatever their number. Nearly all find no room, and
 * each look costs the isolate work.
 */
const LOOKS_PER_S = 2_000;

/** The shortest and the longest wait for the next look, in milliseconds. */
const WAIT_MIN_MS = 150;
const WAIT_MAX_MS = 2_000;

/** How long a request waits in total, in milliseconds. */
const PATIENCE_MS = 7_000;

/** Each waiting request has its own timer: on a Worker no request may wait for another. */
export function createCrowd(
  known: Pick<KnownRefusals, "of">,
  sleep: (ms: number) => Promise<unknown> = (ms) =>
    new Promise((resolve) => setTimeout(resolve, ms)),
): Crowd {
  const underWay = new Map<LectureId, number>();
  let waiting = 0;

  const hasRoom = (lectureId: LectureId) => (underWay.get(lectureId) ?? 0) < AT_ONCE;

  async function waitForRoom(asked: Asked): Promise<CrowdRefusal | undefined> {
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

  /**
   * 0.5 to 1.5 times the wait that keeps to LOOKS_PER_S: requests that came together look apart.
   */
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
