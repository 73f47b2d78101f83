import type { Answer, Connections } from "./connections.ts";

/** The observations of one second, or of several together. */
export interface Seen {
  /** requests due */
  due: number;
  /** due requests that found all connections busy and were never sent: clients are bounded too */
  unsent: number;
  /** commands queued and answered in time */
  good: number;
  /** requests refused with 503 `overloaded` */
  shed: number;
  /** answers that came too late, queued or not */
  late: number;
  /** all other answers */
  other: number;
  /** the times of the good answers, in milliseconds */
  goodMs: number[];
}

function nothingSeen(): Seen {
  return { due: 0, unsent: 0, good: 0, shed: 0, late: 0, other: 0, goodMs: [] };
}

export interface LoadOptions {
  connections: Connections;
  make: () => string;
  /** the latest useful answer, in milliseconds */
  budgetMs: number;
  seconds: number;
  onSecond?: (seen: Seen, second: number) => void;
}

/** Closed loop: `clients` requests are always under way. Returns the totals. */
export async function closedLoop(options: LoadOptions & { clients: number }): Promise<Seen> {
  const total = nothingSeen();
  const endsAtMs = performance.now() + options.seconds * 1_000;
  const loop = (resolve: () => void) => {
    if (performance.now() >= endsAtMs) return resolve();
    ask(options, total, () => loop(resolve));
  };
  await Promise.all(Array.from({ length: options.clients }, () => new Promise<void>(loop)));
  return total;
}

/** Open loop: `perSecond` requests are due, independent of earlier ones. Returns the totals. */
export async function openLoop(options: LoadOptions & { perSecond: number }): Promise<Seen> {
  const total = nothingSeen();
  for (let second = 1; second <= options.seconds; second += 1) {
    const seen = await oneSecond(options);
    options.onSecond?.(seen, second);
    add(total, seen);
  }
  return total;
}

const TICK_MS = 2;

/** An answer counts in the second of its arrival. */
let current = nothingSeen();

async function oneSecond(options: LoadOptions & { perSecond: number }): Promise<Seen> {
  const startedMs = performance.now();
  for (let elapsedMs = 0; elapsedMs < 1_000; elapsedMs = performance.now() - startedMs) {
    const due = Math.floor((options.perSecond * elapsedMs) / 1_000);
    while (current.due < due) {
      if (options.connections.free() > 0) ask(options, undefined);
      else {
        current.due += 1;
        current.unsent += 1;
      }
    }
    await Bun.sleep(TICK_MS);
  }
  const seen = current;
  current = nothingSeen();
  return seen;
}

function ask(
  { connections, make, budgetMs }: LoadOptions,
  total: Seen | undefined,
  then?: () => void,
): void {
  const sentMs = performance.now();
  (total ?? current).due += 1;
  connections.send(make(), (answer) => {
    count(total ?? current, answer, performance.now() - sentMs, budgetMs);
    then?.();
  });
}

function count(seen: Seen, { status, body }: Answer, tookMs: number, budgetMs: number): void {
  if (status === 503 && body.includes('"overloaded"')) seen.shed += 1;
  else if (status !== 200 || !body.includes('"queued":true')) seen.other += 1;
  else if (tookMs > budgetMs) seen.late += 1;
  else {
    seen.good += 1;
    seen.goodMs.push(tookMs);
  }
}

export function add(total: Seen, seen: Seen): void {
  for (const name of ["due", "unsent", "good", "shed", "late", "other"] as const)
    total[name] += seen[name];
  for (const each of seen.goodMs) total.goodMs.push(each);
}

/** A quantile of times, in milliseconds; 0 without times. */
export function quantile(times: number[], q: number): number {
  const sorted = Float64Array.from(times).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}
