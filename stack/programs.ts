import { existsSync } from "node:fs";
import { type External, isReplaced, type Server } from "./config.ts";

/** Where Debian's packages install our programs. */
export const programs = {
  redis: "/usr/bin/redis-server",
  rabbitmq: "/usr/lib/rabbitmq/bin/rabbitmq-server",
  rabbitmqctl: "/usr/lib/rabbitmq/bin/rabbitmqctl",
  epmd: "/usr/bin/epmd",
  mariadb: "/usr/sbin/mariadbd",
  mariadbInstall: "/usr/bin/mariadb-install-db",
  mariadbClient: "/usr/bin/mariadb",
  mariadbDump: "/usr/bin/mariadb-dump",
  java: "/usr/bin/java",
  zookeeperJar: "/usr/share/java/zookeeper.jar",
  /** of util-linux, which every Debian has */
  prlimit: "/usr/bin/prlimit",
} as const;

interface DebianPackage {
  name: string;
  files: readonly string[];
  /** the server that needs the package, which may be external instead */
  server: Server;
}

const packages: readonly DebianPackage[] = [
  { name: "redis-server", files: [programs.redis], server: "redis" },
  { name: "rabbitmq-server", files: [programs.rabbitmq, programs.epmd], server: "rabbitmq" },
  { name: "mariadb-server", files: [programs.mariadb, programs.mariadbInstall], server: "mysql" },
  { name: "zookeeper", files: [programs.zookeeperJar], server: "zookeeper" },
  { name: "default-jre-headless", files: [programs.java], server: "zookeeper" },
];

/** The Debian packages whose programs are missing, without those of external servers. */
export function missingPackages(
  external: External,
  exists: (path: string) => boolean = existsSync,
): string[] {
  return packages
    .filter(
      ({ server, files }) => !isReplaced(server, external) && !files.every((file) => exists(file)),
    )
    .map(({ name }) => name);
}
