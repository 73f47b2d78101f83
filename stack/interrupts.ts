/** npm hands a Ctrl-C on to a process that the terminal has told already: what comes within this time is the same one. */
const SAME_MS = 800;

export interface Interrupts {
  /** the first Ctrl-C, SIGTERM or hang-up: stop in order */
  stop: AbortSignal;
  /** another one: stop now */
  hurry: AbortSignal;
  close(): void;
}

/** Listens to the signals that end this process, in place of ending it at once. */
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
