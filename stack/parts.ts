import type { External } from "./config.ts";
import type { PartName } from "./layout.ts";
import type { Part } from "./part.ts";
import { epmd } from "./servers/epmd.ts";
import { mysql } from "./servers/mysql.ts";
import { rabbitmq } from "./servers/rabbitmq.ts";
import { redis } from "./servers/redis.ts";
import { zookeeper } from "./servers/zookeeper.ts";
import { edge } from "./services/edge.ts";
import { origin } from "./services/origin.ts";
import { redisHttp } from "./services/redis-http.ts";
import { worker } from "./services/worker.ts";

/** Every part, in the order in which they stop: what asks before what answers. */
export const STOP_ORDER: readonly (readonly Part[])[] = [
  [edge],
  [origin],
  [worker],
  [redisHttp],
  [redis, rabbitmq, mysql, zookeeper],
  [epmd],
];

/** Which part an external server stands in for. */
const insteadOf: Partial<Record<PartName, keyof External>> = {
  redis: "redis",
  "redis-http": "redis",
  rabbitmq: "rabbitmq",
  epmd: "rabbitmq",
  mysql: "mysql",
  zookeeper: "zookeeper",
};

export function isExternal(name: PartName, external: External): boolean {
  const server = insteadOf[name];
  return server !== undefined && external[server] !== undefined;
}

/** The parts that a stack with these external servers runs itself. */
export function ownParts(external: External): Part[] {
  return STOP_ORDER.flat().filter(({ name }) => !isExternal(name, external));
}
