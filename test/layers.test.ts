import { expect, test } from "bun:test";
import { Glob } from "bun";

/**
 * Who may import whom. A room may use what stands in its row, its own files and packages; the rooms on top (audit, bench, faults,
 * hostile, rush, simulation, stack, test) may use everything.
 */
const mayImport: Record<string, string[]> = {
  contract: [],
  breaker: [],
  clock: [],
  "crash-points": [],
  metrics: [],
  telemetry: ["contract", "metrics"],
  admission: ["contract", "crash-points"],
  pending: ["contract", "clock"],
  queue: ["contract", "clock", "crash-points"],
  database: ["contract"],
  edge: ["contract", "breaker", "crash-points", "metrics", "admission"],
  origin: ["contract", "breaker", "crash-points", "metrics", "telemetry", "pending", "queue", "database"],
  worker: [
    "contract",
    "clock",
    "crash-points",
    "metrics",
    "telemetry",
    "admission",
    "pending",
    "queue",
    "database",
  ],
};

/** The packages of a room, for rooms that others build on: each knows one server's client and no other. */
const mayUsePackages: Record<string, string[]> = {
  contract: ["zod", "@noble/hashes/hmac.js", "@noble/hashes/sha2.js", "@noble/hashes/utils.js"],
  breaker: [],
  clock: [],
  admission: [
    "@upstash/redis",
    "@upstash/redis/cloudflare",
    "@noble/hashes/legacy.js",
    "@noble/hashes/utils.js",
  ],
  pending: ["node-zookeeper-client"],
  queue: ["amqplib"],
  database: ["mysql2/promise"],
  metrics: [],
  telemetry: ["pino", "prom-client", "zod"],
};

const sources = [
  ...new Glob(
    "{contract,breaker,clock,crash-points,metrics,telemetry,admission,pending,queue,database,edge,origin,worker}/**/*.ts",
  ).scanSync("."),
].filter((file) => !/(\.|-for-)test\.ts$/.test(file));

function importsOf(file: string, text: string): string[] {
  const specifiers = [...text.matchAll(/(?:from|import)\s+"([^"]+)"/g)].flatMap((match) => match[1] ?? []);
  return specifiers.map((specifier) =>
    specifier.startsWith(".") ? new URL(specifier, `file:///${file}`).pathname.slice(1) : specifier,
  );
}

test.each(sources)("%s imports only what its room may", async (file) => {
  const room = file.split("/")[0] as string;
  for (const imported of importsOf(file, await Bun.file(file).text())) {
    const target = imported.split("/")[0] as string;
    if (target in mayImport) expect([room, ...(mayImport[room] ?? [])], imported).toContain(target);
    else if (mayUsePackages[room] && !imported.startsWith("node:"))
      expect(mayUsePackages[room]).toContain(imported);
  }
});

test("only a config.ts, and the entry that hands the environment to it, reads the environment", async () => {
  const readers: string[] = [];
  for (const file of sources) {
    if (/process\.env|Bun\.env|Deno\.env/.test(await Bun.file(file).text())) readers.push(file);
  }
  expect(readers.filter((file) => !/\/(config|main|bun|deno|workers)\.ts$/.test(file))).toEqual([]);
});
