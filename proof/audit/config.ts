import type * as z from "zod";
import { readSettings, textWithout } from "../../contract/settings.ts";
import { faultOfDatabaseUrl } from "../../database/address.ts";
import { runningStack } from "../../stack/environment.ts";
import { WorkerEnvironment } from "../../worker/config.ts";

const Servers = WorkerEnvironment.pick({
  UPSTASH_REDIS_REST_URL: true,
  UPSTASH_REDIS_REST_TOKEN: true,
  RABBITMQ_URL: true,
  BOOKING_MYSQL_URL: true,
  ZOOKEEPER_URL: true,
}).extend({
  CATALOGUE_MYSQL_URL: textWithout(faultOfDatabaseUrl),
});
const Environment = Servers.extend({ PARTITIONS: WorkerEnvironment.shape.PARTITIONS });
export type AuditConfig = z.infer<typeof Environment>;

/**
 * Reads the servers' addresses from the environment, and missing ones from the running stack.
 * Throws with every wrong name, never with a value; throws StackError if a name is missing and
 * nothing runs.
 */
export function readConfig(environment: Record<string, string | undefined>): AuditConfig {
  // `NAME= npm run audit` gives an empty value, which counts as not set.
  const named = Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
  const isComplete = Object.keys(Servers.shape).every((name) => name in named);
  return readSettings(Environment, isComplete ? named : { ...runningStack(environment), ...named });
}
