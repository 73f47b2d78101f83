/** A trace collector that accepts everything and reads nothing. */
export function openSink(): { endpoint: string; close(): Promise<void> } {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      await request.arrayBuffer();
      return Response.json({});
    },
  });
  return { endpoint: server.url.origin, close: () => server.stop(true) };
}

/** One request in a hundred is traced, as by default. */
export const SAMPLED = "0.01";
