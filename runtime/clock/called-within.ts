/**
 * Waits at most `timeoutMs` milliseconds for a call of the listeners, and resolves with whether it
 * came.
 */
export function calledWithin(listeners: Set<() => void>, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const decide = (called: boolean) => {
      clearTimeout(deadline);
      listeners.delete(listener);
      resolve(called);
    };
    const listener = () => decide(true);
    const deadline = setTimeout(decide, timeoutMs, false);
    listeners.add(listener);
  });
}
