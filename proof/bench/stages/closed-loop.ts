/** How much work is under way at once, and for how long new work begins. */
export interface Pace {
  atOnce: number;
  seconds: number;
}

/**
 * Keeps `atOnce` pieces of work under way until none is left or the time is over, and waits for the
 * last ones. Returns the number done per second. Rejects with the first failure.
 */
export async function closedLoop<Item>(
  items: readonly Item[],
  { atOnce, seconds }: Pace,
  work: (item: Item) => Promise<void>,
): Promise<number> {
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + seconds * 1_000;
  const queue = items.values();
  let done = 0;
  const lane = async () => {
    while (performance.now() < endsAtMs) {
      const { value: item } = queue.next();
      if (item === undefined) return;
      await work(item);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return (1_000 * done) / (performance.now() - startedAtMs);
}
