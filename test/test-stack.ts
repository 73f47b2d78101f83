import { urlsOfSchemas } from "../database/schemas.ts";
import type { StackConfig } from "../stack/config.ts";
import { stopStack } from "../stack/down.ts";
import { environmentOf, type StackEnvironment } from "../stack/environment.ts";
import type { Interrupts } from "../stack/interrupts.ts";
import { PORTS } from "../stack/layout.ts";
import { migrate } from "../stack/migrate.ts";
import { makePlan, type Plan } from "../stack/plan.ts";
import { findFreePorts } from "../stack/ports.ts";
import { redis } from "../stack/servers/redis.ts";
import { redisHttp } from "../stack/services/redis-http.ts";
import { startPart } from "../stack/start-part.ts";
import { startStack } from "../stack/up.ts";
import { ALL_LANES, LANES_SETTING, type Lane } from "./lanes.ts";

/**
 * Starts the servers of a test run on free ports and gives the tests' environment: with several
 * lanes, the environment from which each test process takes its own by enterLane. The first lane
 * starts alone, since it may install packages.
 */
export async function startTestStack(
  lanes: Lane[],
  interrupts: Interrupts,
): Promise<Record<string, string>> {
  const portsOfLane = 2 * PORTS.length;
  const basePort = await findFreePorts(lanes.length * portsOfLane);
  const environments: Record<string, string>[] = [];
  for (const [index, lane] of lanes.entries())
    environments.push(await startLane(lane, basePort + index * portsOfLane, interrupts));
  const [first] = environments;
  if (environments.length === 1) return { ...first };
  return { ...basicEnvironment(), [LANES_SETTING]: JSON.stringify(environments) };
}

/**
 * Starts the servers of one lane. LECTERN_SYSTEM describes the whole system. The tests of one room
 * get their own Redis, virtual host, database and chroot, under the servers' usual names. No
 * service uses these four.
 */
async function startLane(
  { systemDir, roomsDir }: Lane,
  basePort: number,
  { stop, hurry }: Interrupts,
): Promise<Record<string, string>> {
  const options = { interrupted: stop, hurry, vhosts: ["rooms"] };
  const { plan } = await startStack(configOf(systemDir, basePort), options);
  const system = environmentOf(plan);
  const roomsPlan = makePlan(configOf(roomsDir, basePort + PORTS.length));
  const rooms = await startRooms(roomsPlan, system, stop);
  const { EDGE_URL: edgeUrl, ORIGIN_URL: originUrl, WORKER_URL: workerUrl } = system;
  const LECTERN_SYSTEM = JSON.stringify({ edgeUrl, originUrl, workerUrl, env: system });
  return { ...basicEnvironment(), ...rooms, LECTERN_SYSTEM, LECTERN_STACK_DIR: systemDir };
}

/** Stops the servers of this run or of a crashed one, and drops their data. */
export async function stopTestStack(hurry: AbortSignal): Promise<void> {
  const dirs = ALL_LANES.flatMap(({ systemDir, roomsDir }) => [systemDir, roomsDir]);
  await Promise.all(dirs.map((dir) => stopStack(dir, { wipe: true, hurry, quietly: true })));
}

async function startRooms(plan: Plan, system: StackEnvironment, signal: AbortSignal) {
  for (const part of [redis, redisHttp]) await startPart(plan, part, [], signal);
  const own = environmentOf(plan);
  const databases = urlsOfSchemas(system.BOOKING_MYSQL_URL.replace(/\/lectern$/, "/lectern_rooms"));
  await migrate(plan.dir, databases, signal);
  return {
    REDIS_URL: own["REDIS_URL"] ?? "",
    UPSTASH_REDIS_REST_URL: own.UPSTASH_REDIS_REST_URL,
    UPSTASH_REDIS_REST_TOKEN: own.UPSTASH_REDIS_REST_TOKEN,
    RABBITMQ_URL: `${system.RABBITMQ_URL}/rooms`,
    BOOKING_MYSQL_URL: databases.booking,
    CATALOGUE_MYSQL_URL: databases.catalogue,
    PEOPLE_MYSQL_URL: databases.people,
    ZOOKEEPER_URL: `${system.ZOOKEEPER_URL}/rooms`,
  };
}

/** The developer's settings have no place in a test run, neither servers nor limits. */
function configOf(dir: string, basePort: number): StackConfig {
  return { dir, basePort, partitions: undefined, external: {}, inherited: basicEnvironment() };
}

export function basicEnvironment(): Record<string, string> {
  const names = ["PATH", "HOME", "LANG", "TZ", "TERM", "CI", "NO_COLOR", "FORCE_COLOR"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
