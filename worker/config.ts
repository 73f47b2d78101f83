import * as z from "zod";
import { readSettings, textWithout } from "../contract/settings.ts";
import { faultOfDatabaseUrl } from "../database/address.ts";
import { faultOfZooKeeperAddress } from "../pending/address.ts";
import { faultOfBrokerUrl } from "../queue/address.ts";
import { telemetrySettings } from "../runtime/telemetry/settings.ts";

export const WorkerEnvironment = z.object({
  UPSTASH_REDIS_REST_URL: z.url(),
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
  RABBITMQ_URL: textWithout(faultOfBrokerUrl),
  BOOKING_MYSQL_URL: textWithout(faultOfDatabaseUrl),
  /** host:port, several separated by commas, with an optional chroot at the end */
  ZOOKEEPER_URL: textWithout(faultOfZooKeeperAddress),
  /** number of queues that share the lectures' commands; equal at all origins and workers */
  PARTITIONS: z.coerce.number().int().min(1).max(256).default(4),
  /** most commands decided in one transaction; they share the fixed cost of a batch */
  BATCH_COMMANDS: z.coerce.number().int().min(1).max(1_000).default(1_000),
  REDIS_TIMEOUT_MS: z.coerce.number().int().min(50).default(5_000),
  WORKER_HOST: z.string().default("127.0.0.1"),
  WORKER_PORT: z.coerce.number().int().min(0).max(65_535).default(8789),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  ...telemetrySettings,
});
export type WorkerConfig = z.infer<typeof WorkerEnvironment>;

/** Reads the worker's settings. Throws an error naming each missing or wrong one, never a value. */
export function readConfig(environment: Record<string, string | undefined>): WorkerConfig {
  return readSettings(WorkerEnvironment, environment);
}
