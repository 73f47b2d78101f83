import type { PortName } from "../../../stack/layout.ts";

/** The processes of the system under faults. Every service has its own block of ports. */
export const serverNames = ["redis", "rabbitmq", "mysql", "zookeeper"] as const;
export const serviceNames = ["redis-http", "origin", "worker-1", "worker-2", "edge"] as const;
export type ServiceName = (typeof serviceNames)[number];
/** `epmd` is the broker's name server. */
export type UnitName = (typeof serverNames)[number] | "epmd" | ServiceName;

/** A connection between two processes, through a fault proxy. */
export interface Link {
  name: string;
  from: ServiceName;
  /** the server: `from` looks for it at its port in `from`'s own block, where the proxy listens */
  to: PortName & UnitName;
}

const asks: [ServiceName, Link["to"][]][] = [
  ["edge", ["redis-http", "origin"]],
  ["origin", ["rabbitmq", "zookeeper", "mysql"]],
  ["worker-1", ["redis-http", "rabbitmq", "zookeeper", "mysql"]],
  ["worker-2", ["redis-http", "rabbitmq", "zookeeper", "mysql"]],
  ["redis-http", ["redis"]],
];

export const links: readonly Link[] = asks.flatMap(([from, targets]) =>
  targets.map((to) => ({ name: `${from}>${to}`, from, to })),
);

export function isService(name: UnitName): name is ServiceName {
  return serviceNames.some((service) => service === name);
}
