import type { MeasuredPart } from "../system/system.ts";

/** The parts as the tables call them: these are names, the same in every language. */
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
