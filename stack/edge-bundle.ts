import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildAssets } from "./assets/build.ts";
import { paths, ROOT } from "./layout.ts";
import { findPlatformBinary } from "./platform-binary.ts";
import type { Launch } from "./processes.ts";
import { StackError } from "./stack-error.ts";
import { runTool } from "./tool.ts";
import type { WranglerFile } from "./wrangler-file.ts";

/** The oldest Node that Wrangler takes. */
const NODE_MIN = [22, 12] as const;

/**
 * Builds what `wrangler deploy` would upload, without uploading it: files and bundle. Wrangler
 * keeps its notes in the stack's directory and sends none.
 */
export async function bundleEdge(dir: string, signal: AbortSignal): Promise<void> {
  await buildAssets();
  const outdir = paths.bundle(dir);
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true, mode: 0o700 });
  const what = await wrangler(dir, ["deploy", "--dry-run", "--outdir", outdir]);
  await runTool(what, { log: paths.log(dir, "wrangler"), signal });
}

async function wrangler(dir: string, args: string[]): Promise<Launch> {
  const home = join(dir, "wrangler");
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true, mode: 0o700 });
  return {
    command: [
      await nodeForWrangler(),
      join(ROOT, "node_modules/wrangler/bin/wrangler.js"),
      ...args,
    ],
    env: {
      PATH: "/usr/bin:/bin",
      HOME: home,
      CI: "true",
      NO_COLOR: "1",
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_SEND_ERROR_REPORTS: "false",
      WRANGLER_HIDE_BANNER: "true",
      WRANGLER_LOG_PATH: join(home, "logs"),
    },
    cwd: ROOT,
  };
}

/** The Node that npm installed for Wrangler, or else the machine's. */
async function nodeForWrangler(): Promise<string> {
  const ours = findPlatformBinary("node");
  if (ours) return ours;
  const theirs = Bun.which("node");
  const version = theirs && Bun.spawnSync([theirs, "--version"]).stdout.toString();
  const [major = 0, minor = 0] = (version || "").replace(/^v/, "").split(".").map(Number);
  if (theirs && (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])))
    return theirs;
  throw new StackError(
    `wrangler needs Node ${NODE_MIN.join(".")} or newer, and npm brought none for ${process.arch}`,
  );
}

/** The files of the bundle that workerd loads, the main module first. */
export function bundleModules(dir: string, { mainModule }: WranglerFile): string[] {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .filter((name) => name !== mainModule && !/\.(map|md|capnp)$/.test(name));
  return [mainModule, ...files.sort()];
}
