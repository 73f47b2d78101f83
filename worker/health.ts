/** Answers whoever runs the worker: `/healthz` while the process lives, `/readyz` while it can decide and settle. */
export function serveHealth(options: { host: string; port: number; isReady: () => Promise<boolean> }) {
  return Bun.serve({
    hostname: options.host,
    port: options.port,
    routes: {
      "/healthz": new Response("alive\n"),
      "/readyz": async () =>
        (await options.isReady()) ? new Response("ready\n") : new Response("not ready\n", { status: 503 }),
    },
    fetch: () => new Response("there is nothing here\n", { status: 404 }),
  });
}
