import type { Client } from "node-zookeeper-client";
import { CLOSED, connectionManagerOf } from "./zookeeper-internals.ts";

const LOOK_EVERY_MS = 10;
/**
 * Longer than the library's own wait before it opens another socket (its spinDelay), in
 * milliseconds.
 */
const LONGEST_MS = 2_000;

/** The library's longest wait before it tries the servers again, in milliseconds. */
export const SPIN_DELAY_MS = 100;

/**
 * Ends a client for good: its session if the server answers within `politeMs` milliseconds; in any
 * case its socket, its timers and its reconnecting. Resolves after at most `politeMs` and two
 * seconds; never rejects.
 */
export async function endClient(client: Client, politeMs: number): Promise<void> {
  // No public call ends a client whose server is silent.
  const manager = connectionManagerOf(client);
  // A client reports a lost connection before it starts to connect again, and heeds close() only
  // after that start.
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
