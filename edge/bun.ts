import { createApp } from "./app.ts";
import { readAssetsDirectory, readEdgeConfig, readListenAddress } from "./config.ts";
import { openDeps } from "./deps.ts";
import { logListening } from "./log.ts";
import { compressByZlib } from "./node-compression.ts";

const assetsDirectory = readAssetsDirectory(process.env);

/** Reads a file of a page; undefined where it is missing. */
async function readAsset(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const file = Bun.file(`${assetsDirectory}/${name}`);
  return (await file.exists()) ? file.bytes() : undefined;
}

/** The edge on Bun. */
const app = createApp(
  openDeps(readEdgeConfig(process.env), {
    sendLater: setImmediate,
    readAsset,
    compress: compressByZlib,
  }),
  (connection: Bun.Server<unknown>, request) => ({
    socketAddress: () => connection.requestIP(request)?.address,
  }),
);

const server = Bun.serve({
  ...readListenAddress(process.env),
  // Bun's longest, in seconds: an event stream may be silent until the decision
  idleTimeout: 255,
  fetch: app.fetch,
});
logListening(server.url.href);

/**
 * How long requests in flight may take to end, in milliseconds. Streams would not end and are cut
 * then.
 */
const DRAIN_MS = 10_000;

async function drain() {
  setTimeout(() => process.exit(0), DRAIN_MS).unref();
  await server.stop();
  process.exit(0);
}
process.once("SIGTERM", drain);
process.once("SIGINT", drain);
