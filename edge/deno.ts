import { createApp } from "./app.ts";
import { readAssetsDirectory, readEdgeConfig, readListenAddress } from "./config.ts";
import { openDeps } from "./deps.ts";
import { logListening } from "./log.ts";
import { compressByZlib } from "./node-compression.ts";

/** The part of Deno that is used here: Deno's own types would clash with Bun's. */
declare const Deno: {
  env: { toObject(): Record<string, string> };
  serve(
    options: {
      hostname: string;
      port: number;
      onListen(address: { hostname: string; port: number }): void;
    },
    handler: (request: Request, connection: Connection) => Response | Promise<Response>,
  ): { shutdown(): Promise<void> };
  addSignalListener(signal: "SIGTERM" | "SIGINT", listener: () => void): void;
  exit(code: number): never;
  readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
  errors: { NotFound: new () => Error };
};

interface Connection {
  remoteAddr: { hostname: string };
}

/**
 * The edge on Deno, from one bundled file:
 *
 * `deno run --allow-net --allow-env --allow-read=dist/assets --unstable-no-legacy-abort FILE`
 */
const environment = Deno.env.toObject();
const app = createApp(
  openDeps(readEdgeConfig(environment), {
    sendLater: (send) => setTimeout(send, 0),
    readAsset,
    compress: compressByZlib,
  }),
  (connection: Connection) => ({ socketAddress: () => connection.remoteAddr.hostname }),
);

const server = Deno.serve(
  {
    ...readListenAddress(environment),
    onListen: ({ hostname, port }) => logListening(`http://${hostname}:${port}/`),
  },
  app.fetch,
);

/** Reads a file of a page; undefined where it is missing. */
async function readAsset(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(`${readAssetsDirectory(environment)}/${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * How long requests in flight may take to end, in milliseconds. Streams would not end and are cut
 * then.
 */
const DRAIN_MS = 10_000;

async function drain() {
  setTimeout(() => Deno.exit(0), DRAIN_MS);
  await server.shutdown();
  Deno.exit(0);
}
Deno.addSignalListener("SIGTERM", drain);
Deno.addSignalListener("SIGINT", drain);
