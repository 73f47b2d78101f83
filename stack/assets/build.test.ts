import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssetManifest, CODINGS, MANIFEST_FILE } from "../../contract/asset-manifest.ts";
import { buildAssets } from "./build.ts";

const home = mkdtempSync(join(tmpdir(), "lectern-assets-"));
const dir = join(home, "assets");
afterAll(() => rmSync(home, { recursive: true }));

function manifest(): AssetManifest {
  return AssetManifest.parse(JSON.parse(readFileSync(join(dir, MANIFEST_FILE), "utf8")));
}

test("the directory holds what its manifest names, by length and in each encoding", async () => {
  await buildAssets(dir);
  const { files } = manifest();
  expect(Object.keys(files).length).toBe(3);
  for (const [name, asset] of Object.entries(files)) {
    expect(statSync(join(dir, name)).size).toBe(asset.bytes);
    for (const encoding of ["br", "gzip"] as const) {
      const path = join(dir, name + CODINGS[encoding]);
      const length = existsSync(path) ? statSync(path).size : undefined;
      expect(length).toBe(asset[encoding]);
    }
    if (asset.immutable) expect(name).toContain(asset.etag.slice(0, 16));
  }
});

test("it is built once, and again where its sources have changed", async () => {
  await buildAssets(dir);
  const builtAtMs = statSync(join(dir, MANIFEST_FILE)).mtimeMs;
  await buildAssets(dir);
  expect(statSync(join(dir, MANIFEST_FILE)).mtimeMs).toBe(builtAtMs);
  const { builtFrom } = manifest();
  writeFileSync(join(dir, MANIFEST_FILE), JSON.stringify({ ...manifest(), builtFrom: "old" }));
  await buildAssets(dir);
  expect(manifest().builtFrom).toBe(builtFrom);
});

test("half a directory is no directory: it is built again", async () => {
  writeFileSync(join(dir, MANIFEST_FILE), '{"builtFrom":');
  await buildAssets(dir);
  expect(Object.keys(manifest().files).length).toBe(3);
});
