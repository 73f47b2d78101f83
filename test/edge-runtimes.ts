import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildAssets } from "../stack/assets/build.ts";
import { bundleEdge, bundleModules } from "../stack/edge-bundle.ts";
import { ASSETS_DIR, paths, ROOT } from "../stack/layout.ts";
import { platformBinary } from "../stack/platform-binary.ts";
import { workerdConfig } from "../stack/workerd-config.ts";
import { readWranglerFile } from "../stack/wrangler-file.ts";
import { noteEdge } from "./held-answers/edge-addresses.ts";

export const runtimes = ["workerd", "bun", "deno"] as const;
export type Runtime = (typeof runtimes)[number];

export interface ServedEdge {
  url: string;
  pid: number;
  /** everything written to the output and error output so far */
  written(): string;
  /**
   * stops the program as an operator would; gives its exit code, undefined when it had to be killed
   */
  close(): Promise<number | undefined>;
}

/** Starts the edge's entry file of a runtime on a free port. Resolves once it listens. */
export async function serveEdge(
  runtime: Runtime,
  env: Record<string, string>,
): Promise<ServedEdge> {
  await buildAssets();
  const edge = await serveProgram((dir) => launchers[runtime](dir, env), env);
  noteEdge(edge.url);
  return edge;
}

/**
 * Starts a program. Resolves once the program has written its port.
 *
 * @param prepare gives the command, for a directory of the program's own
 */
export async function serveProgram(
  prepare: (dir: string) => Promise<Launcher>,
  env: Record<string, string>,
): Promise<ServedEdge> {
  const dir = mkdtempSync(join(tmpdir(), "lectern-edge-"));
  try {
    const { command, cwd, portOf } = await prepare(dir);
    const child = Bun.spawn(command, {
      cwd,
      env: {
        PATH: "/usr/bin:/bin",
        HOME: dir,
        DENO_DIR: dir,
        DENO_NO_UPDATE_CHECK: "1",
        EDGE_PORT: "0",
        EDGE_ASSETS_DIR: ASSETS_DIR,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let written = "";
    const keep = (text: string) => {
      written += text;
    };
    const errors = follow(child.stderr, (text) => {
      keep(text);
      process.stderr.write(text);
    });
    const close = async () => {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), CLOSE_WITHIN_MS);
      await child.exited;
      clearTimeout(late);
      await errors;
      rmSync(dir, { recursive: true, force: true });
      return child.exitCode ?? undefined;
    };
    try {
      const url = `http://127.0.0.1:${await readPort(child.stdout, portOf, keep)}`;
      return { url, pid: child.pid, written: () => written, close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

const START_WITHIN_MS = 20_000;
const CLOSE_WITHIN_MS = 5_000;

export interface Launcher {
  command: string[];
  cwd: string;
  /** finds the port in the line that announces it */
  portOf: RegExp;
}

/** The line of a listening program on Bun or Deno. */
export const LISTENING = /"listening","url":"http:\/\/127\.0\.0\.1:(\d+)\//;

const launchers: Record<Runtime, (dir: string, env: Record<string, string>) => Promise<Launcher>> =
  {
    bun: async () => ({ command: [process.execPath, "edge/bun.ts"], cwd: ROOT, portOf: LISTENING }),

    async deno(dir) {
      const main = join(dir, "deno.js");
      await bundleForDeno(main);
      const deno = platformBinary("deno");
      return {
        command: [
          deno,
          "run",
          "--no-prompt",
          "--allow-net",
          "--allow-env",
          `--allow-read=${ASSETS_DIR}`,
          "--unstable-no-legacy-abort",
          main,
        ],
        cwd: dir,
        portOf: LISTENING,
      };
    },

    async workerd(dir, env) {
      const cwd = paths.bundle(dir);
      await bundleInto(dir);
      const wrangler = readWranglerFile();
      const config = workerdConfig({
        address: "127.0.0.1:0",
        compatibilityDate: wrangler.compatibilityDate,
        compatibilityFlags: wrangler.compatibilityFlags,
        modules: bundleModules(cwd, wrangler),
        vars: { ...wrangler.vars, CLIENT_ADDRESS_HEADER: "", ...env },
        secretNames: [],
        assetsDirectory: wrangler.assetsDirectory,
      });
      writeFileSync(join(cwd, "edge.capnp"), config);
      const command = [platformBinary("workerd"), "serve", "--control-fd=1", "edge.capnp"];
      return { command, cwd, portOf: /"event":"listen","socket":"http","port":(\d+)/ };
    },
  };

/** Copies the bundle that this run has made for its system, or else makes one. */
async function bundleInto(dir: string): Promise<void> {
  const stackDir = process.env["LECTERN_STACK_DIR"];
  const made = stackDir && paths.bundle(stackDir);
  if (made && existsSync(made)) return cpSync(made, paths.bundle(dir), { recursive: true });
  mkdirSync(paths.log(dir, "").replace(/\/[^/]*$/, ""), { recursive: true });
  await bundleEdge(dir, AbortSignal.timeout(60_000));
}

/** Deno reads no Lua files. It gets one file that holds them, as Workers does. */
async function bundleForDeno(file: string): Promise<void> {
  const built = await Bun.build({
    entrypoints: [join(ROOT, "edge/deno.ts")],
    target: "browser",
    loader: { ".lua": "text" },
  });
  await Bun.write(file, built.outputs[0] ?? "");
}

/**
 * Reads a program's output until it gives the port. Rejects when the output ends or after
 * START_WITHIN_MS.
 */
async function readPort(
  output: ReadableStream<Uint8Array>,
  portOf: RegExp,
  keep: (text: string) => void,
): Promise<string> {
  const found = Promise.withResolvers<string>();
  const fail = () =>
    found.reject(new Error(`the edge did not listen within ${START_WITHIN_MS} ms: ${text}`));
  const late = setTimeout(fail, START_WITHIN_MS);
  let text = "";
  void follow(output, (piece) => {
    keep(piece);
    text += piece;
    const port = portOf.exec(text)?.[1];
    if (port) found.resolve(port);
  }).then(fail);
  return found.promise.finally(() => clearTimeout(late));
}

/** Reads an output to its end and passes each piece on at once. */
async function follow(
  output: ReadableStream<Uint8Array>,
  take: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of output) take(decoder.decode(bytes, { stream: true }));
}
