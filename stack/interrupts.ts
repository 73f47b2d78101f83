/**
 * npm repeats a Ctrl-C that the terminal has already sent. A signal within this time is the same
 * one, in milliseconds.
 */
const SAME_MS = 800;

export interface Interrupts {
  /** the first Ctrl-C, SIGTERM or hang-up: stop in order */
  stop: AbortSignal;
  /** a further one: stop now */
  hurry: AbortSignal;
  close(): void;
}

/** Listens to the signals that would end this process at once. */
export function listenToInterrupts(): Interrupts {
  const [stop, hurry] = [new AbortController(), new AbortController()];
  let firstAtMs = Number.NEGATIVE_INFINITY;
  const onSignal = () => {
    if (!stop.signal.aborted) {
      firstAtMs = performance.now();
      stop.abort(new Error("interrupted"));
    } else if (performance.now() > firstAtMs + SAME_MS) {
      hurry.abort();
    }
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  const close = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  return { stop: stop.signal, hurry: hurry.signal, close };
}
