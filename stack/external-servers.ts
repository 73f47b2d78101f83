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
  /** the parts that the server replaces; the last one names its step */
  parts: [...PartName[], PartName];
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
  const { redis, rabbitmq, mysql, zookeeper } = external;
  const servers: ExternalServer[] = [];
  if (redis) {
    const probe = () => probeRedisHttp(redis.url, redis.token);
    servers.push({
      parts: ["redis", "redis-http"],
      setting: "UPSTASH_REDIS_REST_URL",
      probe,
      prepare: probe,
    });
  }
  if (rabbitmq) {
    const probe = () => probeRabbit(rabbitmq);
    const prepare = () => probeForeignRabbit(rabbitmq, partitions);
    servers.push({ parts: ["epmd", "rabbitmq"], setting: "RABBITMQ_URL", probe, prepare });
  }
  if (mysql) {
    const [probe, prepare] = [() => probeMysql(mysql), () => probeForeignMysql(mysql)];
    servers.push({ parts: ["mysql"], setting: "MYSQL_URL", probe, prepare });
  }
  if (zookeeper) {
    const probe = () => probeZooKeeper(zookeeper);
    servers.push({ parts: ["zookeeper"], setting: "ZOOKEEPER_URL", probe, prepare: probe });
  }
  return servers;
}

/**
 * Waits until an external server passes `prepare`. Throws StackError that names the setting and the
 * trouble: at once for final trouble, otherwise after ten seconds.
 */
export function externalStep({ parts, setting, prepare }: ExternalServer): Step {
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
  return { name: parts.at(-1) ?? setting, needs: [], run };
}
