/** The first wait after a try, in milliseconds. */
const FIRST_WAIT_MS = 10_000;
const MAX_WAIT_MS = 160_000;

/** Most names remembered; past it the oldest is forgotten, and may be tried again early. */
const MAX_REMEMBERED = 100_000;

/**
 * Remembers recent tries: a command that merely waits in a long queue is not queued again by every
 * sweep. A name that cannot be helped does not delay the others.
 *
 * The waits grow only for queued commands. A command that could not be queued waits in no queue;
 * its turn comes soon after the broker is back. Every `nowMs` is monotonic.
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
    /** Takes the first `limit` due names; they are not due again for a while. */
    take(names: Iterable<string>, limit: number, nowMs: number): string[] {
      const due: string[] = [];
      for (const name of names) {
        if (due.length >= limit) break;
        if (isDue(name, nowMs)) due.push(name);
      }
      for (const name of due) remember(name, nowMs);
      return due;
    },

    /** It was queued: its next wait doubles, up to 160 s. Returns whether it was queued before. */
    done(name: string): boolean {
      const known = waits.get(name);
      if (!known) return false;
      const isRepeated = known.waitMs > FIRST_WAIT_MS;
      known.waitMs = Math.min(MAX_WAIT_MS, 2 * known.waitMs);
      return isRepeated;
    },

    /** The try did not begin: the name is due at once. */
    notBegun(name: string): void {
      waits.delete(name);
    },
  };
}
