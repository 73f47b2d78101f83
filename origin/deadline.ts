/** How long the edge still waits for the answer. */
export interface Deadline {
  /** milliseconds left: 0 after the deadline, infinity without a deadline */
  leftMs(): number;
  /** Waits for the promise on top of the budget: the deadline moves on by the wait. */
  pausedFor<T>(wait: Promise<T>): Promise<T>;
}

/** The longest budget, and the budget of a request that names none, in milliseconds. */
const BUDGET_MAX_MS = 10_000;

/** For work that no request waits for. */
export const NO_DEADLINE: Deadline = {
  leftMs: () => Number.POSITIVE_INFINITY,
  pausedFor: (wait) => wait,
};

/** A deadline `budgetMs` milliseconds from now. */
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

/**
 * The deadline, but at most `ms` milliseconds from now: for a read that the answer can do without.
 */
export function atMost(ms: number, deadline: Deadline): Deadline {
  return deadlineIn(Math.min(deadline.leftMs(), ms));
}

/**
 * The budget in the edge's header, in milliseconds; BUDGET_MAX_MS if it is missing or unreadable.
 */
export function budgetOf(header: string | undefined): number {
  return header && /^\d{1,6}$/.test(header)
    ? Math.min(Number(header), BUDGET_MAX_MS)
    : BUDGET_MAX_MS;
}

/**
 * Waits for `work` until the deadline, then rejects with DeadlinePassed. Abandoned work goes on;
 * its outcome is ignored.
 */
export async function within<T>(deadline: Deadline, work: Promise<T>): Promise<T> {
  const leftMs = deadline.leftMs();
  if (leftMs === Number.POSITIVE_INFINITY) return await work;
  const late = Promise.withResolvers<never>();
  // Only a late call makes the error: its stack would cost more than the wait.
  const timer = setTimeout(() => late.reject(new DeadlinePassed()), leftMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export class DeadlinePassed extends Error {
  override name = "DeadlinePassed";

  constructor() {
    super("the deadline has passed");
  }
}
