import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { paths, portOf } from "../layout.ts";
import type { Part } from "../part.ts";
import { probeZooKeeper } from "../probes/zookeeper.ts";
import { programs } from "../programs.ts";
import { serverEnvironment } from "./server-environment.ts";

const HEAP_MIB_MAX = 512;

/**
 * One ZooKeeper server. It syncs every transaction to disk, has no admin server, and does not limit
 * connections from one address.
 */
export const zookeeper: Part = {
  name: "zookeeper",
  ports: ["zookeeper"],
  needs: [],
  prepare: (plan) => {
    const cwd = paths.data(plan.dir, "zookeeper");
    mkdirSync(cwd, { recursive: true, mode: 0o700 });
    writeFileSync(join(cwd, "zoo.cfg"), settings(portOf(plan.basePort, "zookeeper")));
    const args = [
      `-Xmx${HEAP_MIB_MAX}m`,
      // Perf data would put a file into the machine's /tmp.
      "-XX:-UsePerfData",
      "-Djava.net.preferIPv4Stack=true",
      "-Dzookeeper.jmx.log4j.disable=true",
      "-Dorg.slf4j.simpleLogger.showDateTime=true",
      "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
      "-cp",
      `${programs.zookeeperJar}:/usr/share/java/slf4j-simple.jar`,
      "org.apache.zookeeper.server.quorum.QuorumPeerMain",
      "zoo.cfg",
    ];
    return { command: [programs.java, ...args], env: serverEnvironment(cwd), cwd };
  },
  probe: (plan) => probeZooKeeper(`127.0.0.1:${portOf(plan.basePort, "zookeeper")}`),
  stopWithinMs: 20_000,
};

/**
 * `dataDir` is relative to the working directory: a Java properties file would need a path escaped.
 */
function settings(port: number): string {
  return [
    "tickTime=2000",
    "dataDir=data",
    `clientPort=${port}`,
    "clientPortAddress=127.0.0.1",
    "maxClientCnxns=0",
    "forceSync=yes",
    "admin.enableServer=false",
    "4lw.commands.whitelist=srvr,ruok,stat,mntr,cons,wchs,wchc,wchp,conf",
    "autopurge.snapRetainCount=3",
    "autopurge.purgeInterval=1",
    "",
  ].join("\n");
}
