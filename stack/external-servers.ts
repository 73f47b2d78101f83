import type { PartName } from "./layout.ts";
import type { Plan } from "./plan.ts";
import { answersMysql, answersRabbit, answersRedisHttp, answersZooKeeper } from "./probes.ts";
import { StackError } from "./stack-error.ts";
import type { Step } from "./steps.ts";

interface ExternalServer {
  /** the parts it stands in for; the last one names its step */
  parts: [...PartName[], PartName];
  /** the setting that names it */
  setting: string;
  isReady(): Promise<boolean>;
}

const READY_WITHIN_MS = 10_000;
const POLL_MS = 250;

/** The servers of a stack that somebody else runs. */
export function externalServers({ external }: Plan): ExternalServer[] {
  const { redis, rabbitmq, mysql, zookeeper } = external;
  const servers: ExternalServer[] = [];
  if (redis) {
    const isReady = () => answersRedisHttp(redis.url, redis.token);
    servers.push({ parts: ["redis", "redis-http"], setting: "UPSTASH_REDIS_REST_URL", isReady });
  }
  if (rabbitmq) {
    const isReady = () => answersRabbit(rabbitmq);
    servers.push({ parts: ["epmd", "rabbitmq"], setting: "RABBITMQ_URL", isReady });
  }
  if (mysql) servers.push({ parts: ["mysql"], setting: "MYSQL_URL", isReady: () => answersMysql(mysql) });
  if (zookeeper) {
    const isReady = () => answersZooKeeper(zookeeper);
    servers.push({ parts: ["zookeeper"], setting: "ZOOKEEPER_URL", isReady });
  }
  return servers;
}

/** Waits until an external server answers; throws StackError that names its setting after ten seconds. */
export function externalStep({ parts, setting, isReady }: ExternalServer): Step {
  const run = async (signal: AbortSignal) => {
    const deadlineMs = performance.now() + READY_WITHIN_MS;
    while (!(await isReady())) {
      signal.throwIfAborted();
      if (performance.now() > deadlineMs)
        throw new StackError(
          `the server that ${setting} names did not let us in for ${READY_WITHIN_MS / 1000} s`,
        );
      await Bun.sleep(POLL_MS);
    }
    return "external";
  };
  return { name: parts.at(-1) ?? setting, needs: [], run };
}
