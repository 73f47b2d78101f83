import { mkdirSync } from "node:fs";
import { paths, portOf } from "../layout.ts";
import type { Part } from "../part.ts";
import { probeRedis } from "../probes/redis.ts";
import { programs } from "../programs.ts";
import { serverEnvironment } from "./server-environment.ts";

/** Redis with its append-only file, synced every second, without eviction. */
export const redis: Part = {
  name: "redis",
  ports: ["redis"],
  needs: [],
  prepare: (plan) => {
    const cwd = paths.data(plan.dir, "redis");
    mkdirSync(cwd, { recursive: true, mode: 0o700 });
    const settings = {
      port: portOf(plan.basePort, "redis"),
      bind: "127.0.0.1",
      dir: ".",
      appendonly: "yes",
      appendfsync: "everysec",
      save: "",
      "maxmemory-policy": "noeviction",
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    return { command: [programs.redis, ...args], env: serverEnvironment(cwd), cwd };
  },
  probe: (plan) => probeRedis(portOf(plan.basePort, "redis")),
  stopWithinMs: 20_000,
};
