import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleEdge, bundleModules } from "../stack/edge-bundle.ts";
import { ASSETS_DIR, paths } from "../stack/layout.ts";
import { newKeyring } from "../stack/secrets.ts";
import { readWranglerFile } from "../stack/wrangler-file.ts";
import { readEdgeConfig } from "./config.ts";

const dir = mkdtempSync(join(tmpdir(), "lectern-bundle-"));
const wrangler = readWranglerFile();
beforeAll(() => bundleEdge(dir, AbortSignal.timeout(120_000)), 120_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** The secrets that wrangler.toml asks for. */
const secrets = [
  ...readFileSync("wrangler.toml", "utf8").matchAll(/^# +wrangler secret put (\w+)/gm),
].map(([, name]) => String(name));

test("wrangler.toml and the secrets it tells of are all the edge needs", () => {
  const others: Record<string, string> = {
    UPSTASH_REDIS_REST_TOKEN: "token",
    METRICS_TOKEN: "m".repeat(32),
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer x",
  };
  const values = secrets.map((name) => [name, others[name] ?? newKeyring(2)]);
  const config = readEdgeConfig({ ...wrangler.vars, ...Object.fromEntries(values) });
  expect(config.addressHeader).toEqual({ name: "cf-connecting-ip", hops: 1 });
  for (const name of secrets) expect(wrangler.vars).not.toHaveProperty(name);
});

test("the files of pages lie where the deployment looks for them", () => {
  expect(wrangler.assetsDirectory).toBe(ASSETS_DIR);
  expect(readFileSync(join(ASSETS_DIR, "docs.html"), "utf8")).toStartWith("<!doctype html>");
});

test("the bundle holds the worker and its scripts, and nothing of Node, Bun or Deno", () => {
  const modules = bundleModules(paths.bundle(dir), wrangler);
  expect(modules[0]).toBe("workers.js");
  const scripts = modules.filter((name) => name.endsWith(".lua"));
  expect(scripts.map((name) => name.replace(/^[0-9a-f]+-/, "")).sort()).toEqual([
    "availability.lua",
    "claim.lua",
    "refusing.lua",
  ]);
  const worker = readFileSync(join(paths.bundle(dir), "workers.js"), "utf8");
  expect(worker).not.toMatch(/from "(node|bun|cloudflare):|\bBun\.|Deno\.serve|require\("/);
  // A Worker may be 3 MB compressed. A jump in size is a dependency that came along unseen.
  expect(Bun.gzipSync(worker).byteLength).toBeLessThan(200 * 1_024);
});
