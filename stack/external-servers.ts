import type { Schema } from "../database/schemas.ts";
import { isReplaced } from "./config.ts";
import { databaseSettings } from "./database-settings.ts";
import type { PartName } from "./layout.ts";
import type { Plan } from "./plan.ts";
import { probeForeignMysql, probeMysql } from "./probes/mysql.ts";
import { probeForeignRabbit, probeRabbit } from "./probes/rabbitmq.ts";
import { probeRedisHttp } from "./probes/redis.ts";
import { probeZooKeeper } from "./probes/zookeeper.ts";
import { StackError } from "./stack-error.ts";
import type { Step } from "./steps.ts";
import type { Trouble } from "./trouble.ts";

interface ExternalServer {
  /** the name of its step */
  name: string;
  /** the parts that the server replaces */
  parts: PartName[];
  /** the setting that names the server */
  setting: string;
  /** why the server does not do its work now */
  probe(): Promise<Trouble | undefined>;
  /** as `probe`, for a start: also makes Lectern's missing objects there */
  prepare(): Promise<Trouble | undefined>;
}

const READY_WITHIN_MS = 10_000;
const POLL_MS = 250;

/** The external servers of a stack. */
export function externalServers({ external, partitions }: Plan): ExternalServer[] {
  const { redis, rabbitmq, databases = {}, zookeeper } = external;
  const servers: ExternalServer[] = [];
  if (redis) {
    const probe = () => probeRedisHttp(redis.url, redis.token);
    servers.push({
      name: "redis-http",
      parts: ["redis", "redis-http"],
      setting: "UPSTASH_REDIS_REST_URL",
      probe,
      prepare: probe,
    });
  }
  if (rabbitmq) {
    const probe = () => probeRabbit(rabbitmq);
    const prepare = () => probeForeignRabbit(rabbitmq, partitions);
    const parts: PartName[] = ["epmd", "rabbitmq"];
    servers.push({ name: "rabbitmq", parts, setting: "RABBITMQ_URL", probe, prepare });
  }
  for (const { setting, schemas } of databaseSettings(databases)) {
    servers.push({
      name: setting === "MYSQL_URL" ? "mysql" : `mysql ${schemas.join()}`,
      parts: isReplaced("mysql", external) ? ["mysql"] : [],
      setting,
      probe: () => firstTrouble(schemas, databases, probeMysql),
      prepare: () => firstTrouble(schemas, databases, probeForeignMysql),
    });
  }
  if (zookeeper) {
    const probe = () => probeZooKeeper(zookeeper);
    const parts: PartName[] = ["zookeeper"];
    servers.push({ name: "zookeeper", parts, setting: "ZOOKEEPER_URL", probe, prepare: probe });
  }
  return servers;
}

/** The trouble of the first schema that has any; from the second schema on, with its name. */
async function firstTrouble(
  schemas: Schema[],
  urls: Partial<Record<Schema, string>>,
  ask: (url: string, schema: Schema) => Promise<Trouble | undefined>,
): Promise<Trouble | undefined> {
  for (const schema of schemas) {
    const trouble = await ask(urls[schema] ?? "", schema);
    if (trouble && schema !== schemas[0])
      return { ...trouble, why: `its database for ${schema}: ${trouble.why}` };
    if (trouble) return trouble;
  }
  return undefined;
}

/**
 * Waits until an external server passes `prepare`. Throws StackError that names the setting and the
 * trouble: at once for final trouble, otherwise after ten seconds.
 */
export function externalStep({ name, setting, prepare }: ExternalServer): Step {
  const run = async (signal: AbortSignal) => {
    const deadlineMs = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const trouble = await prepare();
      if (!trouble) return "external";
      signal.throwIfAborted();
      if (trouble.isFinal) throw new StackError(`the server that ${setting} names: ${trouble.why}`);
      if (performance.now() > deadlineMs)
        throw new StackError(
          `the server that ${setting} names, for ${READY_WITHIN_MS / 1_000} s: ${trouble.why}`,
        );
      await Bun.sleep(POLL_MS);
    }
  };
  return { name, needs: [], run };
}
