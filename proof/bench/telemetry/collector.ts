/** One request in a hundred is traced, as by default. */
export const SAMPLED = 0.01;

/** A trace collector that accepts everything and reads nothing, and a service's settings for it. */
export function openSink() {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      await request.arrayBuffer();
      return Response.json({});
    },
  });
  return {
    settings: {
      OTEL_EXPORTER_OTLP_ENDPOINT: server.url.origin,
      OTEL_TRACES_SAMPLER_ARG: String(SAMPLED),
    },
    close: () => server.stop(true),
  };
}
