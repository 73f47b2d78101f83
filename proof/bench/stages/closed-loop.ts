/**
 * Keeps `atOnce` pieces of work under way until none is left or the time is over, and waits for the
 * last ones. Returns the number done per second. Rejects with the first failure.
 */
export async function closedLoop<Item>(
  items: readonly Item[],
  { atOnce, seconds }: { atOnce: number; seconds: number },
  work: (item: Item) => Promise<void>,
): Promise<number> {
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + seconds * 1_000;
  let next = 0;
  const lane = async () => {
    for (
      let item = items[next];
      item !== undefined && performance.now() < endsAtMs;
      item = items[next]
    ) {
      next += 1;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return (1_000 * next) / (performance.now() - startedAtMs);
}
