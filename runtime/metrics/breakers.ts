import { createCounter, createGauge, type Family } from "./family.ts";

export interface BreakerMetrics {
  /** To be called when a breaker opens or closes. */
  changed(server: string, isOpen: boolean): void;
  families: Family[];
}

/** Which breakers of a process are open now, and how often each opened. */
export function createBreakerMetrics(servers: readonly string[]): BreakerMetrics {
  const open = new Map(servers.map((server) => [server, 0]));
  const opened = createCounter(
    "lectern_breaker_opened_total",
    "How often the breaker of a server opened.",
    ["server"],
  );
  for (const server of servers) opened.of(server);
  const isOpen = createGauge(
    "lectern_breaker_open",
    "1 while the breaker of a server is open: it is taken for down and asked once a second.",
    () => Array.from(open, ([server, value]) => ({ labels: { server }, value })),
  );
  return {
    changed(server, isOpen) {
      open.set(server, isOpen ? 1 : 0);
      if (isOpen) opened.of(server).value += 1;
    },
    families: [isOpen, opened],
  };
}
