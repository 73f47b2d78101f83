import * as z from "zod";
import { Keyring } from "../contract/keyring.ts";
import { readSettings, textWithout } from "../contract/settings.ts";
import { DEFAULT_STUDENT_NUMBER_CASE, StudentNumberCase } from "../contract/student-number.ts";
import { faultOfDatabaseUrl } from "../database/address.ts";
import { faultOfZooKeeperAddress } from "../pending/address.ts";
import { faultOfBrokerUrl } from "../queue/address.ts";
import { telemetrySettings } from "../runtime/telemetry/settings.ts";
import { isTimeZone } from "./campus-day.ts";

function urlsIn(list: string): string[] {
  return list
    .split(",")
    .map((url) => url.trim())
    .filter((url) => url !== "");
}

function faultOfReplicaUrls(list: string): string | undefined {
  return urlsIn(list)
    .map(faultOfDatabaseUrl)
    .find((fault) => fault !== undefined);
}

const Environment = z.object({
  RABBITMQ_URL: textWithout(faultOfBrokerUrl),
  BOOKING_MYSQL_URL: textWithout(faultOfDatabaseUrl),
  CATALOGUE_MYSQL_URL: textWithout(faultOfDatabaseUrl),
  PEOPLE_MYSQL_URL: textWithout(faultOfDatabaseUrl),
  /** replicas of the catalogue's database, as CATALOGUE_MYSQL_URL, separated by commas */
  CATALOGUE_REPLICA_URLS: textWithout(faultOfReplicaUrls).default("").transform(urlsIn),
  /** where lectures are cached */
  UPSTASH_REDIS_REST_URL: z.url(),
  UPSTASH_REDIS_REST_TOKEN: z.string().min(1),
  /** how long a look into the cache may take until MySQL is read instead */
  CACHE_TIMEOUT_MS: z.coerce.number().int().min(10).max(5_000).default(1_000),
  /** host:port, several separated by commas, with an optional chroot at the end */
  ZOOKEEPER_URL: textWithout(faultOfZooKeeperAddress),
  /**
   * queues over which the commands are spread by lecture; the same number for every origin and
   * worker
   */
  PARTITIONS: z.coerce.number().int().min(1).max(256).default(4),
  /** keys of the edge's signatures */
  EDGE_KEYS: Keyring,
  /** keys of session tokens */
  SESSION_KEYS: Keyring,
  SESSION_MINUTES: z.coerce.number().int().min(1).max(1_440).default(120),
  /** 1 opens sign-in as any student without proof: for trying the system out, never for a campus */
  DEMO_LOGIN: z.enum(["0", "1"]).default("0"),
  /**
   * how the letters of student numbers are kept, so that one person is one user; the same for every
   * edge and origin
   */
  STUDENT_NUMBER_CASE: StudentNumberCase.default(DEFAULT_STUDENT_NUMBER_CASE),
  /** whose days `GET /lectures?day=` means, by its name in the IANA database */
  CAMPUS_TIME_ZONE: textWithout((name) =>
    isTimeZone(name) ? undefined : "no time zone as Asia/Shanghai",
  ).default("Asia/Shanghai"),
  /**
   * about a user who holds a seat at the same hours: `tell` in the answers, or `refuse` to book.
   * Two presses at once may both be confirmed, and so may a command whose queueing was interrupted
   */
  OVERLAPS: z.enum(["tell", "refuse"]).default("tell"),
  /** the most commands being queued at once, each a ZooKeeper node and a RabbitMQ confirm */
  COMMANDS_AT_ONCE: z.coerce.number().int().min(1).max(1_000).default(256),
  /** the most statuses and lectures being read at once */
  READS_AT_ONCE: z.coerce.number().int().min(1).max(1_000).default(64),
  /** the most event streams open at once */
  MAX_STREAMS: z.coerce.number().int().min(0).default(4_000),
  ORIGIN_HOST: z.string().default("127.0.0.1"),
  ORIGIN_PORT: z.coerce.number().int().min(0).max(65_535).default(8788),
  LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
  ...telemetrySettings,
});
export type OriginConfig = z.infer<typeof Environment>;

/**
 * Reads the origin's settings. Throws with the name of every missing or wrong setting, never with a
 * value.
 */
export function readConfig(environment: Record<string, string | undefined>): OriginConfig {
  return readSettings(Environment, environment);
}
