import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { RedisClient } from "bun";
import { paths } from "../../../stack/layout.ts";
import type { FaultSystem } from "../system/system.ts";
import type { FaultKind } from "./fault.ts";

/** How Redis loses data: all of it, or the newest part. */
export const redisFaults: FaultKind[] = [
  {
    name: "emptied Redis",
    weight: 3,
    draw: () => ({
      what: "redis emptied by FLUSHALL",
      resource: "redis",
      losesRedisData: true,
      begin: flush,
    }),
  },
  {
    name: "lost Redis",
    weight: 2,
    kills: true,
    draw: () => ({
      what: "redis killed, and back empty",
      resource: "redis",
      losesRedisData: true,
      begin: async (system) => {
        await system.units.redis.holdDown();
        rmSync(appendOnlyDir(system), { recursive: true, force: true });
      },
      heal: ({ units }) => units.redis.letUp(AbortSignal.timeout(30_000)),
    }),
  },
  {
    name: "set-back Redis",
    weight: 3,
    kills: true,
    draw: () => ({
      what: "redis set back in the end to its data of the beginning",
      resource: "redis",
      losesRedisData: true,
      begin: async (system) => copy(appendOnlyDir(system), olderDir(system)),
      heal: setBack,
    }),
  },
];

async function flush({ redisPort }: FaultSystem): Promise<void> {
  const client = new RedisClient(`redis://127.0.0.1:${redisPort}`, {
    connectionTimeout: 2_000,
    autoReconnect: false,
  });
  try {
    await client.connect();
    await client.send("FLUSHALL", []);
  } finally {
    client.close();
  }
}

async function setBack(system: FaultSystem): Promise<void> {
  const { redis } = system.units;
  if (existsSync(olderDir(system))) {
    await redis.holdDown();
    copy(olderDir(system), appendOnlyDir(system));
    rmSync(olderDir(system), { recursive: true, force: true });
  }
  await redis.letUp(AbortSignal.timeout(30_000));
}

function copy(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true });
  if (existsSync(from)) cpSync(from, to, { recursive: true });
}

function appendOnlyDir({ units }: FaultSystem): string {
  return join(paths.data(units.redis.plan.dir, "redis"), "appendonlydir");
}

function olderDir(system: FaultSystem): string {
  return `${appendOnlyDir(system)}.older`;
}
