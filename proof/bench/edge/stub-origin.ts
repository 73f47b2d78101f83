/** An origin that queues everything at once and does nothing else, not even check the signature. */
export function startStubOrigin(): { url: string; close(): Promise<void> } {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { command } = (await request.json()) as { command: { rid: string; lectureId: string } };
      const reservation = { id: command.rid, lectureId: command.lectureId, status: "pending" };
      return Response.json({ queued: true, reservation });
    },
  });
  return { url: server.url.origin, close: () => server.stop(true) };
}
