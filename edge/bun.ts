import { createApp } from "./app.ts";
import { readEdgeConfig, readListenAddress } from "./config.ts";
import { openDeps } from "./deps.ts";
import { logListening } from "./log.ts";

/** The edge on Bun. */
const app = createApp(
  openDeps(readEdgeConfig(process.env), setImmediate),
  (connection: Bun.Server<unknown>, request) => ({
    socketAddress: () => connection.requestIP(request)?.address,
  }),
);

const server = Bun.serve({
  ...readListenAddress(process.env),
  // the longest there is: a stream of events may be silent for as long as nothing is decided
  idleTimeout: 255,
  fetch: app.fetch,
});
logListening(server.url.href);

/** Requests in flight may end; streams, which would not, are cut after this long, in milliseconds. */
const DRAIN_MS = 10_000;

async function drain() {
  setTimeout(() => process.exit(0), DRAIN_MS).unref();
  await server.stop();
  process.exit(0);
}
process.once("SIGTERM", drain);
process.once("SIGINT", drain);
