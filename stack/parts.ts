import { type External, isReplaced, type Server } from "./config.ts";
import type { PartName } from "./layout.ts";
import type { Part } from "./part.ts";
import type { Settled } from "./plan.ts";
import { epmd } from "./servers/epmd.ts";
import { mysql } from "./servers/mysql.ts";
import { mysqlReplica } from "./servers/mysql-replica.ts";
import { rabbitmq } from "./servers/rabbitmq.ts";
import { redis } from "./servers/redis.ts";
import { zookeeper } from "./servers/zookeeper.ts";
import { edge } from "./services/edge.ts";
import { origin } from "./services/origin.ts";
import { redisHttp } from "./services/redis-http.ts";
import { worker } from "./services/worker.ts";

/** Every part, in stopping order: callers before the servers that answer them. */
export const STOP_ORDER: readonly (readonly Part[])[] = [
  [edge],
  [origin],
  [worker],
  [redisHttp],
  [redis, rabbitmq, mysqlReplica, mysql, zookeeper],
  [epmd],
];

/** The server that each part is, or serves. */
const serverOf: Partial<Record<PartName, Server>> = {
  redis: "redis",
  "redis-http": "redis",
  rabbitmq: "rabbitmq",
  epmd: "rabbitmq",
  mysql: "mysql",
  zookeeper: "zookeeper",
};

export function isExternal(name: PartName, external: External): boolean {
  const server = serverOf[name];
  return server !== undefined && isReplaced(server, external);
}

/** The parts that a stack runs itself. */
export function ownParts({ external, replica }: Pick<Settled, "external" | "replica">): Part[] {
  return STOP_ORDER.flat().filter(
    ({ name }) => !isExternal(name, external) && (replica || name !== "mysql-replica"),
  );
}
