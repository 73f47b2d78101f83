import * as z from "zod";
import { runningStack } from "../stack/environment.ts";

const Environment = z.object({
  UPSTASH_REDIS_REST_URL: z.url(),
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
  RABBITMQ_URL: z.string().startsWith("amqp"),
  MYSQL_URL: z.string().startsWith("mysql://"),
  /** host:port, several with commas, with a chroot at the end where wanted */
  ZOOKEEPER_URL: z.string().min(1),
  /** queues the commands are spread over; the same number as origin and worker have */
  PARTITIONS: z.coerce.number().int().min(1).max(256).default(4),
});
export type AuditConfig = z.infer<typeof Environment>;

/**
 * Where the servers are: as the environment names them, and as the running stack does where it does not.
 * Throws with every name that is missing or wrong, never with a value; StackError when nothing is named and nothing runs.
 */
export function readConfig(environment: Record<string, string | undefined>): AuditConfig {
  const named = Environment.safeParse(environment);
  if (named.success) return named.data;
  const parsed = Environment.safeParse({ ...runningStack(environment), ...namedOnly(environment) });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`the servers cannot be found: ${faults.join("; ")}`);
}

/** An empty value is what `NAME= npm run audit` gives: not set. */
function namedOnly(environment: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
}
