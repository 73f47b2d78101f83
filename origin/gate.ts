import type { Deadline } from "./deadline.ts";
import { Refusal } from "./refusal.ts";

export interface GateOptions {
  /** pieces of work under way at once */
  places: number;
  /** how many may wait for a place when many come at once */
  burst: number;
  /** milliseconds that only grow */
  now?: () => number;
}

export interface Gate {
  /** Whether whoever comes now is to be turned away. */
  turnsAway(): boolean;
  /** Counts somebody who is on the way here, until the function it gives is called, which may be more than once. */
  expect(): () => void;
  /**
   * Runs `work` when there is a place for it. Rejects with the refusal `overloaded` where there is none in time, and then nothing of it
   * was begun.
   */
  run<T>(work: () => Promise<T>, deadline: Deadline): Promise<T>;
  counts(): { expected: number; atWork: number; waiting: number };
}

/** The longest wait for a place, in milliseconds: whoever waited longer is likely to have given up before the answer comes. */
const WAIT_MAX_MS = 2_000;

/** A queue that has not been empty for this long is no burst that passes, in milliseconds. */
const STANDING_AFTER_MS = 2_000;

/**
 * Bounds what is done at once, and how long the rest waits. First come, first served: when the queue is short enough for everybody in it to
 * be served in time, the order is of no matter to the goodput, and this one is fair. A burst may fill a long queue, which then drains. A
 * queue that stands means more is asked than can be done, and a long one would only make everybody late: then no more may wait than are at
 * work, and whoever comes on top is turned away at once. So it stays until nobody had to be turned away for a while, since the queue of an
 * overload is empty now and then as well.
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

  /** How many may wait. */
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
