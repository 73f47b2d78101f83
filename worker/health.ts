export interface HealthOptions {
  host: string;
  port: number;
  isReady: () => Promise<boolean>;
  /** answers `/metrics`, where that is wanted */
  scrape?: (() => Promise<Response>) | undefined;
}

/** Answers whoever runs the worker: `/healthz` while the process lives, `/readyz` while it can decide and settle. */
export function serveHealth(options: HealthOptions) {
  return Bun.serve({
    hostname: options.host,
    port: options.port,
    routes: {
      "/healthz": new Response("alive\n"),
      "/readyz": async () =>
        (await options.isReady()) ? new Response("ready\n") : new Response("not ready\n", { status: 503 }),
      "/metrics": options.scrape ?? nothingHere,
    },
    fetch: nothingHere,
  });
}

function nothingHere(): Response {
  return new Response("there is nothing here\n", { status: 404 });
}
