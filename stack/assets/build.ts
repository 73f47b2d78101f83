import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join, parse } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import {
  type Asset,
  AssetManifest,
  CODINGS,
  type Coding,
  MANIFEST_FILE,
} from "../../contract/asset-manifest.ts";
import { ASSETS_DIR, ROOT } from "../layout.ts";
import { scalarScript } from "./scalar-internals.ts";

/** Files below this length gain nothing by compression, in bytes. */
const COMPRESSED_FROM = 512;

/** Nearly the smallest files, in a tenth of the time that the smallest take. */
const BROTLI_QUALITY = 9;

/**
 * Builds the files of pages, unless they are there already from the same sources. Builders side by
 * side do no harm. An edge that runs meanwhile serves the new files after its next start.
 */
export async function buildAssets(dir: string = ASSETS_DIR): Promise<void> {
  const builtFrom = sourcesHash();
  if (isBuilt(dir, builtFrom)) return;
  const made = `${dir}.${process.pid}`;
  const write = openWriter(made);
  const scripts: Record<string, string> = {
    "scalar.js": await scalarScript(),
    "docs.js": sourceOf("docs.js"),
  };
  const page = sourceOf("docs.html").replaceAll(/\{\{(.+?)\}\}/g, (_, name: string) =>
    write(`assets/${name}`, scripts[name] ?? "", { immutable: true }),
  );
  write("docs.html", page, { immutable: false });
  write.end(builtFrom);
  replace(dir, made, builtFrom);
}

function isBuilt(dir: string, builtFrom: string): boolean {
  try {
    const text = readFileSync(join(dir, MANIFEST_FILE), "utf8");
    return AssetManifest.parse(JSON.parse(text)).builtFrom === builtFrom;
  } catch {
    return false;
  }
}

/** Names what the files are made from: the sources in this folder and the locked packages. */
function sourcesHash(): string {
  const sources = ["build.ts", "scalar-internals.ts", "docs.html", "docs.js"].map(sourceOf);
  const { version } = JSON.parse(
    readFileSync(join(ROOT, "node_modules/@scalar/fastify-api-reference/package.json"), "utf8"),
  );
  return hashOf([...sources, version].join("\0"));
}

function sourceOf(name: string): string {
  return readFileSync(join(import.meta.dir, name), "utf8");
}

/** A writer of files into a new directory. It gives the name under which a file is served. */
function openWriter(dir: string) {
  const files: Record<string, Asset> = {};
  rmSync(dir, { recursive: true, force: true });
  const write = (path: string, content: string, { immutable }: { immutable: boolean }): string => {
    const bytes = new TextEncoder().encode(content);
    const etag = hashOf(bytes);
    const { dir: folder, name: stem, ext } = parse(path);
    const name = immutable ? `${folder}/${stem}-${etag.slice(0, 16)}${ext}` : path;
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), bytes);
    const lengths: Partial<Record<Coding, number>> = {};
    for (const [encoding, compressed] of compress(bytes)) {
      writeFileSync(join(dir, name + CODINGS[encoding]), compressed);
      lengths[encoding] = compressed.byteLength;
    }
    files[name] = { type: typeOf(name), etag, immutable, bytes: bytes.byteLength, ...lengths };
    return name;
  };
  write.end = (builtFrom: string) => {
    const manifest: AssetManifest = { builtFrom, files };
    writeFileSync(join(dir, MANIFEST_FILE), JSON.stringify(manifest));
  };
  return write;
}

function compress(bytes: Uint8Array<ArrayBuffer>): [Coding, Uint8Array][] {
  if (bytes.byteLength < COMPRESSED_FROM) return [];
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  return [
    ["br", brotliCompressSync(bytes, { params })],
    ["gzip", Bun.gzipSync(bytes, { level: 9 })],
  ];
}

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

function typeOf(name: string): string {
  const type = TYPES[extname(name)];
  if (!type) throw new Error(`${name} has no media type: add one to stack/assets/build.ts`);
  return type;
}

function hashOf(content: string | Uint8Array): string {
  return new Bun.CryptoHasher("sha256").update(content).digest("hex").slice(0, 32);
}

/** Puts the made directory in place. Of builders side by side one wins: they made the same. */
function replace(dir: string, made: string, builtFrom: string): void {
  const old = `${made}.old`;
  try {
    if (existsSync(dir)) renameSync(dir, old);
    renameSync(made, dir);
  } catch (error) {
    if (!isBuilt(dir, builtFrom)) throw error;
  } finally {
    for (const left of [made, old]) rmSync(left, { recursive: true, force: true });
  }
}
