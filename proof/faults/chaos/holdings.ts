import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { RowDataPacket } from "mysql2/promise";
import { programs } from "../../../stack/programs.ts";
import { isService, serverNames, serviceNames } from "../system/links.ts";
import { asAdmin } from "../system/mysql-control.ts";
import type { FaultSystem } from "../system/system.ts";
import { converse } from "../system/zookeeper-session.ts";

/** The processes' holdings at one moment: figure's name → value. Memory is in MiB. */
export type Holdings = Record<string, number>;

const TIMEOUT_MS = 15_000;

/** Measures all holdings while the system is idle. Rejects if a server does not answer. */
export async function measureHoldings(system: FaultSystem): Promise<Holdings> {
  return {
    ...ofProcesses(system),
    ...(await ofZooKeeper(system)),
    ...(await ofRabbit(system)),
    ...(await ofMysql(system)),
  };
}

function ofProcesses({ units }: FaultSystem): Holdings {
  const holdings: Holdings = {};
  for (const name of [...serviceNames, ...serverNames]) {
    const pid = units[name].pid();
    if (pid === undefined) throw new Error(`${name} does not run`);
    holdings[`${name} memory`] = memoryMib(pid);
    if (!isService(name)) continue;
    const fds = readdirSync(`/proc/${pid}/fd`);
    holdings[`${name} files`] = fds.length;
    holdings[`${name} sockets`] = fds.filter((fd) => isSocket(`/proc/${pid}/fd/${fd}`)).length;
  }
  return holdings;
}

function memoryMib(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kib) / 1_024);
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith("socket:");
  } catch {
    return false;
  }
}

async function ofZooKeeper({ zooKeeperPort }: FaultSystem): Promise<Holdings> {
  const answer = await converse(zooKeeperPort, Buffer.from("mntr"));
  const figure = (name: string) => Number(new RegExp(`^${name}\\s+(\\d+)`, "m").exec(answer)?.[1]);
  return {
    "zookeeper watches": figure("zk_watch_count"),
    "zookeeper connections": figure("zk_num_alive_connections"),
    "zookeeper ephemeral nodes": figure("zk_ephemerals_count"),
    "zookeeper nodes": figure("zk_znode_count"),
  };
}

const COUNT_BROKER =
  "{length(rabbit_networking:connections()), length(rabbit_channel:list()), length(rabbit_amqqueue:list()), length(rabbit_amqqueue:consumers_all(<<47>>))}.";

async function ofRabbit({ units }: FaultSystem): Promise<Holdings> {
  const what = units.rabbitmq.launched();
  if (!what) throw new Error("the broker was never started");
  const child = Bun.spawn([programs.rabbitmqctl, "eval", COUNT_BROKER], {
    env: what.env,
    cwd: what.cwd,
    stdio: ["ignore", "pipe", "ignore"],
    timeout: TIMEOUT_MS,
  });
  const answer = await new Response(child.stdout).text();
  const counts = /\{(\d+),(\d+),(\d+),(\d+)\}/.exec(answer)?.slice(1).map(Number);
  if (!counts) throw new Error(`the broker did not count: ${answer}`);
  const [connections = 0, channels = 0, queues = 0, consumers = 0] = counts;
  return {
    "rabbitmq connections": connections,
    "rabbitmq channels": channels,
    "rabbitmq queues": queues,
    "rabbitmq consumers": consumers,
  };
}

async function ofMysql(system: FaultSystem): Promise<Holdings> {
  const rows = await asAdmin(system, async (admin) => {
    const [found] = await admin.query<RowDataPacket[]>(
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('Prepared_stmt_count', 'Threads_connected')",
    );
    return found;
  });
  const figure = (name: string) =>
    Number(rows.find((row) => row["Variable_name"] === name)?.["Value"]);
  return {
    "mysql prepared statements": figure("Prepared_stmt_count"),
    "mysql connections": figure("Threads_connected"),
  };
}
