import { expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { Glob } from "bun";

/**
 * The rooms of the product and of its stack. Each may import from itself and from the rooms listed.
 * Any other import is refused. The proving rooms and the tests may import from all.
 */
const mayImport: Record<string, string[]> = {
  contract: [],
  "contract/openapi": ["contract", "package.json"],
  "runtime/breaker": [],
  "runtime/clock": [],
  "runtime/crash-points": [],
  "runtime/metrics": [],
  "runtime/telemetry": ["contract", "runtime/metrics"],
  admission: ["contract", "runtime/crash-points"],
  pending: ["contract", "runtime/clock"],
  queue: ["contract", "runtime/clock", "runtime/crash-points"],
  database: ["contract"],
  catalogue: ["contract", "runtime/clock", "admission", "database"],
  "redis-front": ["contract", "runtime/telemetry"],
  edge: [
    "contract",
    "contract/openapi",
    "runtime/breaker",
    "runtime/crash-points",
    "runtime/metrics",
    "admission",
  ],
  origin: [
    "contract",
    "runtime/breaker",
    "runtime/clock",
    "runtime/crash-points",
    "runtime/metrics",
    "runtime/telemetry",
    "admission",
    "pending",
    "queue",
    "database",
    "catalogue",
  ],
  worker: [
    "contract",
    "runtime/clock",
    "runtime/crash-points",
    "runtime/metrics",
    "runtime/telemetry",
    "admission",
    "pending",
    "queue",
    "database",
  ],
  cli: [],
  stack: ["contract", "admission", "pending", "queue", "database", "catalogue", "origin"],
};

/**
 * The packages of the rooms that others build on. Each room knows one server's client and no other.
 */
const mayUsePackages: Record<string, string[]> = {
  contract: ["zod", "@noble/hashes/hmac.js", "@noble/hashes/sha2.js", "@noble/hashes/utils.js"],
  "contract/openapi": ["zod", "zod-openapi"],
  "runtime/breaker": [],
  "runtime/clock": [],
  "runtime/crash-points": [],
  "runtime/metrics": [],
  "runtime/telemetry": ["pino", "prom-client", "zod"],
  admission: [
    "@upstash/redis",
    "@upstash/redis/cloudflare",
    "@noble/hashes/legacy.js",
    "@noble/hashes/utils.js",
  ],
  pending: ["node-zookeeper-client"],
  queue: ["amqplib"],
  database: ["mysql2/promise"],
  catalogue: ["mysql2/promise", "micromark"],
  "redis-front": ["bun", "zod"],
  cli: ["cli-progress", "cli-table3", "picocolors"],
};

const files = [...new Glob("**/*.ts").scanSync(".")].filter(
  (file) => !/^(node_modules|\.|dist)/.test(file),
);
const sources = files.filter((file) => !/(\.|-for-)test\.ts$/.test(file));

/** The first folder of a path; below `runtime` and `proof` the second one too. */
function roomOf(path: string): string {
  if (path.startsWith("contract/openapi/")) return "contract/openapi";
  const [first = "", second] = path.split("/");
  return first === "runtime" || first === "proof" ? `${first}/${second}` : first;
}

async function importsOf(file: string): Promise<string[]> {
  const text = await Bun.file(file).text();
  const specifiers = [...text.matchAll(/(?:from|import)\s+"([^"]+)"/g)].flatMap(
    (match) => match[1] ?? [],
  );
  return specifiers.map((specifier) =>
    specifier.startsWith(".") ? `./${join(dirname(file), specifier)}` : specifier,
  );
}

test.each(sources.filter((file) => roomOf(file) in mayImport))(
  "%s imports only what its room may",
  async (file) => {
    const room = roomOf(file);
    for (const imported of await importsOf(file)) {
      if (imported.startsWith("./"))
        expect([room, ...(mayImport[room] ?? [])], imported).toContain(roomOf(imported.slice(2)));
      else if (mayUsePackages[room] && !imported.startsWith("node:"))
        expect(mayUsePackages[room]).toContain(imported);
    }
  },
);

test("every folder is a room of the table, or one that proves or describes the product", () => {
  const others = new Set(["loadtest", "observability", "test"]);
  const unknown = sources
    .map(roomOf)
    .filter((room) => !(room in mayImport) && !room.startsWith("proof/") && !others.has(room));
  expect(unknown.filter((room) => room.includes("/") || !room.endsWith(".ts"))).toEqual([]);
});

test("no file comes back to itself through its imports, types included", async () => {
  const imports = new Map<string, string[]>();
  for (const file of files) {
    const local = (await importsOf(file)).filter((imported) => imported.startsWith("./"));
    imports.set(
      file,
      local.map((imported) => imported.slice(2)),
    );
  }
  expect(circlesIn(imports)).toEqual([]);
});

/** Every import path that leads back to its start, found depth first. */
function circlesIn(imports: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  function visit(file: string, way: string[]): void {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" → "));
    if (done.has(file) || way.includes(file)) return;
    for (const imported of imports.get(file) ?? []) visit(imported, [...way, file]);
    done.add(file);
  }
  for (const file of imports.keys()) visit(file, []);
  return circles;
}

test("only a config.ts, and the entry that feeds it, reads the environment", async () => {
  const product = sources.filter((file) => roomOf(file) in mayImport && roomOf(file) !== "stack");
  const readers: string[] = [];
  for (const file of product) {
    if (/process\.env|Bun\.env|Deno\.env/.test(await Bun.file(file).text())) readers.push(file);
  }
  const allowed = /\/(config|main|bun|deno|workers)\.ts$/;
  expect(readers.filter((file) => !allowed.test(file))).toEqual([]);
});

test("the edge takes the finished document and not its generator", async () => {
  for (const file of sources.filter((file) => roomOf(file) === "edge"))
    for (const imported of await importsOf(file))
      if (imported.includes("contract/openapi/")) expect(imported).toEndWith("/openapi.json");
});
