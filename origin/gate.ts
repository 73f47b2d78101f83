import type { Deadline } from "./deadline.ts";
import { Refusal } from "./refusal.ts";

export interface GateOptions {
  /** pieces of work under way at once */
  places: number;
  /** how many requests of a burst may wait for a place */
  burst: number;
  /** milliseconds that only grow */
  now?: () => number;
}

export interface Gate {
  /** Whether a request that comes now is to be turned away. */
  turnsAway(): boolean;
  /**
   * Counts a request on its way to the gate, until the returned function is called; further calls
   * do nothing.
   */
  expect(): () => void;
  /**
   * Runs `work` once it has a place. Rejects with the refusal `overloaded` if no place is free in
   * time; then nothing of the work began.
   */
  run<T>(work: () => Promise<T>, deadline: Deadline): Promise<T>;
  counts(): { expected: number; atWork: number; waiting: number };
}

/**
 * The longest wait for a place, in milliseconds: after a longer wait the client has probably given
 * up before the answer comes.
 */
const WAIT_MAX_MS = 2_000;

/** A queue that has not been empty for this long is no passing burst, in milliseconds. */
const STANDING_AFTER_MS = 2_000;

/**
 * Bounds the work done at once, and the wait of other requests. First come, first served: in a
 * short queue all are served in time. The order does not change the goodput then, and this order is
 * fair. A burst may fill a long queue, which then drains.
 *
 * A standing queue shows that more is asked than can be done; a long queue would make every answer
 * late. From then on no more requests may wait than are at work, and further requests are turned
 * away at once. This lasts until no request was turned away for 2 s: the queue of an overload is
 * empty now and then as well.
 */
export function createGate({ places, burst, now = () => performance.now() }: GateOptions): Gate {
  const waiting = new Set<() => void>();
  let expected = 0;
  let atWork = 0;
  let queueSinceMs = 0;
  let turnedAwayAtMs = Number.NEGATIVE_INFINITY;

  function turnsAway(): boolean {
    if (expected + atWork + waiting.size < places + limit()) return false;
    turnedAwayAtMs = now();
    return true;
  }

  function limit(): number {
    const isStanding = waiting.size > 0 && now() - queueSinceMs > STANDING_AFTER_MS;
    const isOverloaded = isStanding || now() - turnedAwayAtMs < STANDING_AFTER_MS;
    return isOverloaded ? Math.min(places, burst) : burst;
  }

  /** Resolves when a place was handed over. */
  function turn(deadline: Deadline): Promise<void> {
    if (waiting.size === 0) queueSinceMs = now();
    return new Promise((resolve, reject) => {
      const enter = () => {
        clearTimeout(late);
        waiting.delete(enter);
        resolve();
      };
      const late = setTimeout(
        () => {
          waiting.delete(enter);
          turnedAwayAtMs = now();
          reject(new Refusal("overloaded"));
        },
        Math.min(WAIT_MAX_MS, deadline.leftMs()),
      );
      waiting.add(enter);
    });
  }

  function leave(): void {
    const [next] = waiting;
    if (next) next();
    else atWork -= 1;
  }

  return {
    turnsAway,
    expect() {
      let isOnTheWay = true;
      expected += 1;
      return () => {
        if (isOnTheWay) expected -= 1;
        isOnTheWay = false;
      };
    },
    counts: () => ({ expected, atWork, waiting: waiting.size }),
    async run(work, deadline) {
      if (deadline.leftMs() === 0 || turnsAway()) throw new Refusal("overloaded");
      if (atWork < places) atWork += 1;
      else await turn(deadline);
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
