import type { Logger } from "pino";
import { createReplicas, type Replicas } from "../catalogue/replicas.ts";
import { readDatabaseUrl } from "../database/address.ts";
import { type Database, openDatabase } from "../database/pool.ts";
import { systemClock } from "../runtime/clock/clock.ts";

/** How often the heartbeat is written and the replicas are looked at, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/** Opens the replicas of the catalogue, and looks at them every second until `stopping` fires. */
export function openReplicas(
  { primary, urls }: { primary: Database; urls: string[] },
  log: Pick<Logger, "info" | "warn">,
  stopping: AbortSignal,
): Replicas & { close(): Promise<void> } {
  const opened = urls.map((url) => ({
    name: nameOf(url),
    database: openDatabase({ url, connections: 6, acquireTimeoutMs: 1_000 }),
  }));
  const replicas = createReplicas({
    primary,
    replicas: opened,
    onChange: ({ name: replica, isUsed, behindMs }) => {
      if (isUsed) log.info({ event: "replica_used", replica }, "a replica answers reads");
      else log.warn({ event: "replica_left_out", replica, behindMs }, "a replica is left out");
    },
  });
  const watching = watch(replicas, stopping);
  return {
    ...replicas,
    async close() {
      await watching;
      await Promise.all(opened.map(({ database }) => database.close()));
    },
  };
}

async function watch(replicas: Replicas, stopping: AbortSignal): Promise<void> {
  if (replicas.standings().length === 0) return;
  while (!stopping.aborted) {
    await replicas.look();
    await systemClock.sleep(LOOK_EVERY_MS, stopping);
  }
}

function nameOf(url: string): string {
  const { host, port } = readDatabaseUrl(url);
  return `${host}:${port}`;
}
