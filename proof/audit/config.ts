import * as z from "zod";
import { readSettings, textWithout } from "../../contract/settings.ts";
import { faultOfDatabaseUrl } from "../../database/address.ts";
import { faultOfZooKeeperAddress } from "../../pending/address.ts";
import { faultOfBrokerUrl } from "../../queue/address.ts";
import { runningStack } from "../../stack/environment.ts";

const Environment = z.object({
  UPSTASH_REDIS_REST_URL: z.url(),
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
  RABBITMQ_URL: textWithout(faultOfBrokerUrl),
  BOOKING_MYSQL_URL: textWithout(faultOfDatabaseUrl),
  CATALOGUE_MYSQL_URL: textWithout(faultOfDatabaseUrl),
  /** host:port, several separated by commas, with an optional chroot at the end */
  ZOOKEEPER_URL: textWithout(faultOfZooKeeperAddress),
  /** the number of partitions; must equal that of origin and worker */
  PARTITIONS: z.coerce.number().int().min(1).max(256).default(4),
});
export type AuditConfig = z.infer<typeof Environment>;

/**
 * Reads the servers' addresses from the environment, and missing ones from the running stack.
 * Throws with every wrong name, never with a value; throws StackError if a name is missing and
 * nothing runs.
 */
export function readConfig(environment: Record<string, string | undefined>): AuditConfig {
  // `NAME= npm run audit` gives an empty value, which counts as not set.
  const named = Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
  const isComplete = servers.every((name) => name in named);
  return readSettings(Environment, isComplete ? named : { ...runningStack(environment), ...named });
}

const servers = [
  "UPSTASH_REDIS_REST_URL",
  "UPSTASH_REDIS_REST_TOKEN",
  "RABBITMQ_URL",
  "BOOKING_MYSQL_URL",
  "CATALOGUE_MYSQL_URL",
  "ZOOKEEPER_URL",
] as const satisfies (keyof AuditConfig)[];
