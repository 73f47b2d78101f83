import type { Socket } from "node:net";
import type { Client } from "node-zookeeper-client";

/** What the library keeps to itself, and nothing public reaches: without these a client of a silent server never ends. */
interface ClientInternals {
  connectionManager: {
    socket?: Socket;
    state: number;
    connectTimeoutHandler: ReturnType<typeof setTimeout> | null;
  };
}

const CLOSED = -2;
const LOOK_EVERY_MS = 10;
/** Longer than the library's own wait before it opens another socket (its spinDelay). */
const LONGEST_MS = 2_000;

/** How long the library waits, at most, before it tries the servers again, in milliseconds. */
export const SPIN_DELAY_MS = 100;

/**
 * Ends a client for good: its session where the server still answers within `politeMs` milliseconds, and in any case its
 * socket, its timers and its habit of connecting again. Resolves after at most `politeMs` and two seconds; never rejects.
 */
export async function endClient(client: Client, politeMs: number): Promise<void> {
  const { connectionManager: manager } = client as unknown as ClientInternals;
  // A client that reports a lost connection starts to connect again after that report: only then does it listen to close().
  await new Promise((resolve) => setImmediate(resolve));
  client.close();
  const startedMs = performance.now();
  for (let waitedMs = 0; manager.state !== CLOSED && waitedMs < politeMs + LONGEST_MS; ) {
    if (waitedMs >= politeMs) manager.socket?.destroy();
    await Bun.sleep(LOOK_EVERY_MS);
    waitedMs = performance.now() - startedMs;
  }
  if (manager.connectTimeoutHandler) clearTimeout(manager.connectTimeoutHandler);
}
