/** The first wait after something was tried, in milliseconds. */
const FIRST_WAIT_MS = 10_000;
const MAX_WAIT_MS = 160_000;

/** Names remembered at most; past it the oldest is forgotten, and may be tried again early. */
const MAX_REMEMBERED = 100_000;

/**
 * Remembers what was tried lately, so that a command which merely waits in a long queue is not queued once more with every sweep, and
 * what cannot be helped does not keep the others from their turn. The waits grow only for what was queued: what could not be is not
 * waiting in any queue, and its turn comes soon after the broker does. Every `nowMs` is monotonic.
 */
export function createPatience() {
  const waits = new Map<string, { untilMs: number; waitMs: number }>();

  function isDue(name: string, nowMs: number): boolean {
    const known = waits.get(name);
    return !known || nowMs >= known.untilMs;
  }

  function remember(name: string, nowMs: number): void {
    const waitMs = waits.get(name)?.waitMs ?? FIRST_WAIT_MS;
    waits.delete(name);
    waits.set(name, { untilMs: nowMs + waitMs, waitMs });
    const oldest = waits.keys().next();
    if (waits.size > MAX_REMEMBERED && !oldest.done) waits.delete(oldest.value);
  }

  return {
    /** The first `limit` of the names that are due; they are not due again for a while. */
    take(names: Iterable<string>, limit: number, nowMs: number): string[] {
      const due: string[] = [];
      for (const name of names) {
        if (due.length >= limit) break;
        if (isDue(name, nowMs)) due.push(name);
      }
      for (const name of due) remember(name, nowMs);
      return due;
    },

    /**
     * It was done; the wait after the next time is twice as long. Gives whether it was done before.
     */
    done(name: string): boolean {
      const known = waits.get(name);
      if (!known) return false;
      const isRepeated = known.waitMs > FIRST_WAIT_MS;
      known.waitMs = Math.min(MAX_WAIT_MS, 2 * known.waitMs);
      return isRepeated;
    },

    /** It was not even begun, so it is due at once. */
    notBegun(name: string): void {
      waits.delete(name);
    },
  };
}
