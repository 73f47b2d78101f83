/** How many requests reached the servers behind an edge so far. */
export interface Behind {
  /** questions to the origin */
  asked(): number;
  /** round trips to Redis */
  trips(): number;
}

/** A slow moment of the machine adds questions; no machine takes any away. */
const TRIES = 5;

/**
 * Reloads paths of an edge, 10,000 times in all, after a second in which they get warm. Gives what
 * reached the servers behind it during the reloads, and in how many half seconds. A storm in which
 * the origin was asked is repeated.
 */
export async function reloadTenThousand(url: string, paths: string[], behind: Behind) {
  async function storm(isOver: (sent: number) => boolean): Promise<void> {
    let sent = 0;
    async function reload(): Promise<void> {
      while (!isOver(sent)) {
        const path = paths[sent++ % paths.length];
        const answer = await fetch(`${url}/api${path}`, {
          headers: { "Accept-Encoding": "gzip" },
          decompress: false,
        });
        await answer.arrayBuffer();
        if (answer.status !== 200) throw new Error(`${path} answered with ${answer.status}`);
      }
    }
    await Promise.all(Array.from({ length: 48 }, reload));
  }

  for (let tried = 1; ; tried += 1) {
    const warmMs = performance.now() + 1_500;
    await storm(() => performance.now() >= warmMs);
    const [asked, trips] = [behind.asked(), behind.trips()];
    const startedMs = performance.now();
    await storm((sent) => sent >= 10_000);
    const counted = {
      asked: behind.asked() - asked,
      trips: behind.trips() - trips,
      halves: Math.ceil((performance.now() - startedMs) / 500) + 1,
    };
    if (counted.asked === 0 || tried === TRIES) return counted;
  }
}
