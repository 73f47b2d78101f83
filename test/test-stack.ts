import { join } from "node:path";
import { urlsOfSchemas } from "../database/schemas.ts";
import type { StackConfig } from "../stack/config.ts";
import { stopStack } from "../stack/down.ts";
import { environmentOf, type StackEnvironment } from "../stack/environment.ts";
import type { Interrupts } from "../stack/interrupts.ts";
import { PORTS, ROOT } from "../stack/layout.ts";
import { migrate } from "../stack/migrate.ts";
import { makePlan } from "../stack/plan.ts";
import { findFreePorts } from "../stack/ports.ts";
import { redis } from "../stack/servers/redis.ts";
import { redisHttp } from "../stack/services/redis-http.ts";
import { startPart } from "../stack/start-part.ts";
import { startStack } from "../stack/up.ts";

export const TEST_DIR = join(ROOT, ".stack-test");
export const SYSTEM_DIR = join(TEST_DIR, "system");
export const ROOMS_DIR = join(TEST_DIR, "rooms");

/**
 * Starts the servers of a test run on free ports and gives the tests' environment. LECTERN_SYSTEM
 * describes the whole system. The tests of one room get their own Redis, virtual host, database and
 * chroot, under the servers' usual names. No service uses these four.
 */
export async function startTestStack(interrupts: Interrupts): Promise<Record<string, string>> {
  const { stop, hurry } = interrupts;
  const basePort = await findFreePorts(2 * PORTS.length);
  const options = { interrupted: stop, hurry, vhosts: ["rooms"] };
  const { plan } = await startStack(configOf(SYSTEM_DIR, basePort), options);
  const system = environmentOf(plan);
  const rooms = await startRooms(basePort + PORTS.length, system, stop);
  const { EDGE_URL: edgeUrl, ORIGIN_URL: originUrl, WORKER_URL: workerUrl } = system;
  const LECTERN_SYSTEM = JSON.stringify({ edgeUrl, originUrl, workerUrl, env: system });
  return { ...basicEnvironment(), ...rooms, LECTERN_SYSTEM, LECTERN_STACK_DIR: SYSTEM_DIR };
}

/** Stops the servers of this run or of a crashed one, and drops their data. */
export async function stopTestStack(hurry: AbortSignal): Promise<void> {
  await stopStack(SYSTEM_DIR, { wipe: true, hurry, quietly: true });
  await stopStack(ROOMS_DIR, { wipe: true, hurry, quietly: true });
}

async function startRooms(basePort: number, system: StackEnvironment, signal: AbortSignal) {
  const plan = makePlan(configOf(ROOMS_DIR, basePort));
  for (const part of [redis, redisHttp]) await startPart(plan, part, [], signal);
  const own = environmentOf(plan);
  const databases = urlsOfSchemas(system.BOOKING_MYSQL_URL.replace(/\/lectern$/, "/lectern_rooms"));
  await migrate(ROOMS_DIR, databases, signal);
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
