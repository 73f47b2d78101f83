export interface HealthOptions {
  host: string;
  port: number;
  /** the servers that fail the worker's needs */
  away: () => Promise<string[]>;
  /** answers `/metrics`; 404 where left out */
  scrape?: (() => Promise<Response>) | undefined;
}

/**
 * Answers `/healthz` while the process lives, `/readyz` while it can decide and settle, `/metrics`.
 */
export function serveHealth(options: HealthOptions) {
  return Bun.serve({
    hostname: options.host,
    port: options.port,
    routes: {
      "/healthz": new Response("alive\n"),
      "/readyz": async () => readiness(await options.away()),
      "/metrics": options.scrape ?? nothingHere,
    },
    fetch: nothingHere,
  });
}

function readiness(away: string[]): Response {
  if (away.length === 0) return new Response("ready\n");
  const text = ["not ready", ...away.map((server) => `${server} is away`)].join("\n");
  return new Response(`${text}\n`, { status: 503 });
}

function nothingHere(): Response {
  return new Response("there is nothing here\n", { status: 404 });
}
