import { join } from "node:path";

/** Every listening port of a stack, in the order of its contiguous block. */
export const PORTS = [
  "edge",
  "origin",
  "worker",
  "redis-http",
  "redis",
  "rabbitmq",
  "mysql",
  "zookeeper",
  "epmd",
  "rabbitmq-dist",
  "mysql-replica",
] as const;
export type PortName = (typeof PORTS)[number];

/** A part of a stack: one process each. */
export type PartName = Exclude<PortName, "rabbitmq-dist">;

export const DEFAULT_BASE_PORT = 8787;

/** The directory of the source tree, where every program of the project starts. */
export const ROOT = join(import.meta.dir, "..");

/** The files that the edge serves. wrangler.toml names the same directory. */
export const ASSETS_DIR = join(ROOT, "dist/assets");

/** The paths in a stack's directory. */
export const paths = {
  log: (dir: string, name: string) => join(dir, "logs", `${name}.log`),
  record: (dir: string, name: string) => join(dir, "run", `${name}.json`),
  data: (dir: string, name: string) => join(dir, "data", name),
  bundle: (dir: string) => join(dir, "edge"),
  secrets: (dir: string) => join(dir, "secrets.json"),
  settings: (dir: string) => join(dir, "stack.json"),
  lock: (dir: string) => join(dir, "lock"),
} as const;

/** The port of a part, given the first port of the block. */
export function portOf(basePort: number, name: PortName): number {
  return basePort + PORTS.indexOf(name);
}
