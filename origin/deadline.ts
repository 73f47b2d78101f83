/** How long whoever asked still waits for the answer. */
export interface Deadline {
  /** milliseconds left: 0 once it has passed, infinitely many where there is none */
  leftMs(): number;
  /** Waits for something that was asked for on top: the clock stands still meanwhile. */
  pausedFor<T>(wait: Promise<T>): Promise<T>;
}

/** What one who names no budget gets, and nobody gets more, in milliseconds. */
export const BUDGET_MAX_MS = 10_000;

/** For what nobody waits for. */
export const NO_DEADLINE: Deadline = {
  leftMs: () => Number.POSITIVE_INFINITY,
  pausedFor: (wait) => wait,
};

/** A deadline that many milliseconds from now on. */
export function deadlineIn(budgetMs: number): Deadline {
  let endsAtMs = performance.now() + budgetMs;
  return {
    leftMs: () => Math.max(0, endsAtMs - performance.now()),
    async pausedFor(wait) {
      const sinceMs = performance.now();
      const value = await wait;
      endsAtMs += performance.now() - sinceMs;
      return value;
    },
  };
}

/** Reads the header by which the edge tells its budget; what cannot be read counts as not told. */
export function budgetOf(header: string | undefined): number {
  return header && /^\d{1,6}$/.test(header)
    ? Math.min(Number(header), BUDGET_MAX_MS)
    : BUDGET_MAX_MS;
}

/** Waits for `work` as long as there is time. What is given up on goes on by itself, and how it ends is nobody's matter then. */
export async function within<T>(deadline: Deadline, work: Promise<T>): Promise<T> {
  const leftMs = deadline.leftMs();
  if (leftMs === Number.POSITIVE_INFINITY) return await work;
  const late = Promise.withResolvers<never>();
  // The error is made only for who is late: its stack would cost more than the wait.
  const timer = setTimeout(() => late.reject(new DeadlinePassed()), leftMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The time of whoever asked is over. */
export class DeadlinePassed extends Error {
  override name = "DeadlinePassed";

  constructor() {
    super("the time for it is over");
  }
}
