import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { AssetManifest, MANIFEST_FILE } from "../contract/asset-manifest.ts";
import { exchange } from "../proof/hostile/raw-socket.ts";
import { ASSETS_DIR } from "../stack/layout.ts";
import { onEachRuntime } from "../test/edge-on-runtimes.ts";

onEachRuntime(({ url }) => {
  const manifest = () => AssetManifest.parse(JSON.parse(fileOf(MANIFEST_FILE).toString("utf8")));
  const scriptName = () =>
    Object.keys(manifest().files).find((name) => name.startsWith("assets/scalar-")) ?? "";
  const read = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    fetch(url() + path, { method, headers, decompress: false });

  test("the page is HTML under a policy of its own, and names scripts that are there", async () => {
    const page = await read("/docs");
    const text = await page.text();
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self';");
    expect(page.headers.get("cache-control")).toBe("no-cache");
    const scripts = [...text.matchAll(/<script src="(.*?)">/g)].map(([, path]) => String(path));
    expect(scripts.length).toBe(2);
    for (const path of scripts) {
      const script = await read(path, { "Accept-Encoding": "identity" });
      expect([script.status, script.headers.get("content-type")]).toEqual([
        200,
        "text/javascript; charset=utf-8",
      ]);
      expect(script.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
    }
  });

  test("a file comes in the encoding that the client takes, each with its own tag", async () => {
    const name = scriptName();
    const plain = fileOf(name);
    const kinds = [
      ["br", brotliDecompressSync],
      ["gzip", gunzipSync],
      ["", (bytes: Uint8Array) => Buffer.from(bytes)],
    ] as const;
    const tags = new Set<string | null>();
    for (const [encoding, decode] of kinds) {
      const answer = await read(`/${name}`, { "Accept-Encoding": encoding || "identity" });
      expect(answer.headers.get("content-encoding") ?? "").toBe(encoding);
      expect(answer.headers.get("vary")).toContain("Accept-Encoding");
      expect(decode(await answer.bytes()).equals(plain)).toBe(true);
      tags.add(answer.headers.get("etag"));
    }
    expect(tags.size).toBe(3);
  });

  test("a client that has the file gets 304, and HEAD the length in each encoding", async () => {
    const name = scriptName();
    const headers = { "Accept-Encoding": "br" };
    const head = await read(`/${name}`, headers, "HEAD");
    expect(head.headers.get("content-length")).toBe(String(manifest().files[name]?.br));
    const tag = head.headers.get("etag") ?? "";
    const again = await read(`/${name}`, { ...headers, "If-None-Match": tag });
    expect([again.status, (await again.bytes()).length]).toEqual([304, 0]);
  });

  test.each([
    "/assets/../manifest.json",
    "/assets/..%2fmanifest.json",
    "/assets/%2e%2e%2fmanifest.json",
    "/assets/..%2f..%2f..%2fpackage.json",
    "/assets/..%5cmanifest.json",
    "/assets/%00",
    "/assets/.",
    "/assets//etc/passwd",
    "/assets/manifest.json",
    "/manifest.json",
    "/docs.html",
    "/dist/assets/docs.html",
    "/assets/__proto__",
  ])("%s is no file", async (path) => {
    const bytes = `GET ${path} HTTP/1.1\r\nHost: lectern\r\nConnection: close\r\n\r\n`;
    const answer = await exchange(url(), bytes);
    expect(answer.status).toBe(404);
    expect(answer.body).toContain('"code":"route_not_found"');
  });

  test("a compressed neighbour is no file of its own", async () => {
    expect((await read(`/${scriptName()}.br`)).status).toBe(404);
  });
});

function fileOf(name: string): Buffer {
  return readFileSync(`${ASSETS_DIR}/${name}`);
}
