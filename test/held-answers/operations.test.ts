import { expect, test } from "bun:test";
import document from "../../contract/openapi/openapi.json" with { type: "json" };
import { edgeInMemory } from "../../proof/hostile/fuzz/edge-in-memory.ts";
import { routesOf } from "../../proof/hostile/fuzz/targets.ts";

test("each route of the edge has an operation, and each operation a route", async () => {
  const routes = routesOf((await edgeInMemory()).routes).map((route) =>
    route.replace(/:(\w+)/g, "{$1}"),
  );
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  // Hono takes HEAD with GET: an operation of HEAD says where its answer differs.
  const heads = operations.filter((name) => name.startsWith("HEAD "));
  for (const name of heads) expect(routes).toContain(name.replace("HEAD", "GET"));
  expect(operations.filter((name) => !heads.includes(name)).sort()).toEqual(routes.sort());
});
