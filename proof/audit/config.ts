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
  MYSQL_URL: textWithout(faultOfDatabaseUrl),
  /** host:port, several with commas, with a chroot at the end where wanted */
  ZOOKEEPER_URL: textWithout(faultOfZooKeeperAddress),
  /** queues the commands are spread over; the same number as origin and worker have */
  PARTITIONS: z.coerce.number().int().min(1).max(256).default(4),
});
export type AuditConfig = z.infer<typeof Environment>;

/**
 * Where the servers are: as the environment names them, and as the running stack does where it does not.
 * Throws with every name that is wrong, never with a value; StackError when one is not named and nothing runs.
 */
export function readConfig(environment: Record<string, string | undefined>): AuditConfig {
  // An empty value is what `NAME= npm run audit` gives: not set.
  const named = Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
  const isComplete = servers.every((name) => name in named);
  return readSettings(Environment, isComplete ? named : { ...runningStack(environment), ...named });
}

const servers = [
  "UPSTASH_REDIS_REST_URL",
  "UPSTASH_REDIS_REST_TOKEN",
  "RABBITMQ_URL",
  "MYSQL_URL",
  "ZOOKEEPER_URL",
] as const satisfies (keyof AuditConfig)[];
