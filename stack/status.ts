import { environmentOf, type StackEnvironment } from "./environment.ts";
import { externalServers } from "./external-servers.ts";
import type { PartName } from "./layout.ts";
import { isExternal, ownParts } from "./parts.ts";
import type { Plan } from "./plan.ts";
import { runningProcess } from "./records.ts";
import { readReplication } from "./replication.ts";
import type { Trouble } from "./trouble.ts";

/** The parts of a status, in this order. */
export const STATUS_NAMES = [
  "redis",
  "redis-http",
  "rabbitmq",
  "mysql",
  "mysql-replica",
  "zookeeper",
  "origin",
  "worker",
  "edge",
] as const satisfies PartName[];
export type StatusName = (typeof STATUS_NAMES)[number];

export interface PartStatus {
  name: StatusName;
  /** null while the part does not run, and for an external server */
  pid: number | null;
  /** where the part listens, without user and password */
  url: string;
  /** whether the part does its work now */
  ready: boolean;
  /** why a running part is not ready */
  trouble?: string;
  /** of a replica: how far it is behind its primary */
  behindSeconds?: number;
}

/** Asks every part of a stack at once. Takes the two seconds of a probe at most. */
export function statusOf(plan: Plan): Promise<PartStatus[]> {
  const names = STATUS_NAMES.filter((name) => plan.replica || name !== "mysql-replica");
  return Promise.all(names.map((name) => partStatus(plan, name)));
}

async function partStatus(plan: Plan, name: StatusName): Promise<PartStatus> {
  const url = withoutPassword(urlOf(name, environmentOf(plan)));
  if (isExternal(name, plan.external)) {
    const servers = externalServers(plan).filter(({ parts }) => parts.includes(name));
    const troubles = await Promise.all(servers.map((server) => server.probe()));
    return { name, pid: null, url, ...told(troubles.find((trouble) => trouble)) };
  }
  const part = ownParts(plan).find((candidate) => candidate.name === name);
  const running = runningProcess(plan.dir, name);
  if (!running || !part) return { name, pid: null, url, ready: false };
  const { pid } = running;
  if (name === "mysql-replica") return { name, pid, url, ...(await replicaStatus(plan)) };
  return { name, pid, url, ...told(await part.probe(plan)) };
}

async function replicaStatus(
  plan: Plan,
): Promise<Pick<PartStatus, "ready" | "trouble" | "behindSeconds">> {
  const { trouble, behindSeconds } = await readReplication(plan);
  if (trouble !== undefined) return { ready: false, trouble };
  return { ready: true, ...(behindSeconds !== undefined && { behindSeconds }) };
}

function told(trouble: Trouble | undefined): Pick<PartStatus, "ready" | "trouble"> {
  return trouble ? { ready: false, trouble: trouble.why } : { ready: true };
}

/** The address of a part. Only the front's address is known of a Redis behind an external front. */
function urlOf(name: StatusName, environment: StackEnvironment): string {
  const urls: Record<StatusName, string> = {
    redis: environment["REDIS_URL"] ?? environment.UPSTASH_REDIS_REST_URL,
    "redis-http": environment.UPSTASH_REDIS_REST_URL,
    rabbitmq: environment.RABBITMQ_URL,
    mysql: environment.BOOKING_MYSQL_URL,
    "mysql-replica": environment["CATALOGUE_REPLICA_URLS"] ?? "",
    zookeeper: `zookeeper://${environment.ZOOKEEPER_URL}`,
    origin: environment.ORIGIN_URL,
    worker: environment.WORKER_URL,
    edge: environment.EDGE_URL,
  };
  return urls[name];
}

function withoutPassword(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed?.username && !parsed?.password) return url;
  parsed.username = parsed.password = "";
  return parsed.href;
}
