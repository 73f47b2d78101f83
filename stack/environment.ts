import { SCHEMAS, type Schema, SETTING_OF, urlsOfSchemas } from "../database/schemas.ts";
import { stackDir } from "./config.ts";
import { portOf } from "./layout.ts";
import { type Plan, readPlan } from "./plan.ts";
import { runningNames } from "./records.ts";
import { StackError } from "./stack-error.ts";

/** The addresses and secrets of a stack, under the services' names for them. */
export interface StackEnvironment extends Record<string, string> {
  EDGE_URL: string;
  ORIGIN_URL: string;
  WORKER_URL: string;
  UPSTASH_REDIS_REST_URL: string;
  UPSTASH_REDIS_REST_TOKEN: string;
  RABBITMQ_URL: string;
  BOOKING_MYSQL_URL: string;
  CATALOGUE_MYSQL_URL: string;
  PEOPLE_MYSQL_URL: string;
  ZOOKEEPER_URL: string;
  PARTITIONS: string;
  EDGE_KEYS: string;
  SESSION_KEYS: string;
  METRICS_TOKEN: string;
}

/**
 * The environment of the running stack in `LECTERN_STACK_DIR` of the given environment (`.stack` by
 * default). Throws StackError when none of its parts runs.
 */
export function runningStack(environment: Record<string, string | undefined>): StackEnvironment {
  const dir = stackDir(environment["LECTERN_STACK_DIR"]);
  const plan = readPlan(dir);
  if (!plan || runningNames(dir).length === 0)
    throw new StackError("nothing is running: npm start");
  return environmentOf(plan);
}

/** The environment of a stack. An external server has its own address. */
export function environmentOf({
  basePort,
  external,
  partitions,
  replica,
  secrets,
}: Plan): StackEnvironment {
  const local = (name: Parameters<typeof portOf>[1]) => `127.0.0.1:${portOf(basePort, name)}`;
  const mysql = `mysql://lectern:${secrets.mysqlPassword}@${local("mysql")}/lectern`;
  const databases = { ...urlsOfSchemas(mysql), ...external.databases };
  const replicaServer = `mysql://lectern:${secrets.mysqlPassword}@${local("mysql-replica")}`;
  const replicaUrl = `${replicaServer}/lectern_catalogue`;
  return {
    EDGE_URL: `http://${local("edge")}`,
    ORIGIN_URL: `http://${local("origin")}`,
    WORKER_URL: `http://${local("worker")}`,
    UPSTASH_REDIS_REST_URL: external.redis?.url ?? `http://${local("redis-http")}`,
    UPSTASH_REDIS_REST_TOKEN: external.redis?.token ?? secrets.redisHttpToken,
    ...(!external.redis && { REDIS_URL: `redis://${local("redis")}` }),
    RABBITMQ_URL:
      external.rabbitmq ?? `amqp://lectern:${secrets.rabbitmqPassword}@${local("rabbitmq")}`,
    BOOKING_MYSQL_URL: databases.booking,
    CATALOGUE_MYSQL_URL: databases.catalogue,
    PEOPLE_MYSQL_URL: databases.people,
    ...(replica && { CATALOGUE_REPLICA_URLS: replicaUrl }),
    ZOOKEEPER_URL: external.zookeeper ?? local("zookeeper"),
    PARTITIONS: String(partitions),
    EDGE_KEYS: secrets.edgeKeys,
    SESSION_KEYS: secrets.sessionKeys,
    METRICS_TOKEN: secrets.metricsToken,
  };
}

/** The databases that an environment names, by schema. */
export function databasesOf(environment: Record<DatabaseSetting, string>): Record<Schema, string> {
  const urls = SCHEMAS.map((schema) => [schema, environment[SETTING_OF[schema]]]);
  return Object.fromEntries(urls) as Record<Schema, string>;
}

type DatabaseSetting = (typeof SETTING_OF)[Schema];
