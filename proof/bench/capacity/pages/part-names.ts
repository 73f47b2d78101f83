import type { MeasuredPart } from "../system/system.ts";

/** The parts' names in the tables, the same in every language. */
export const PART_TITLES: Record<MeasuredPart, string> = {
  edge: "edge",
  "redis-http": "Redis HTTP",
  redis: "Redis",
  origin: "origin",
  zookeeper: "ZooKeeper",
  rabbitmq: "RabbitMQ",
  worker: "worker",
  mysql: "MySQL",
};
