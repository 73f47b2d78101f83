import { setTimeout as sleep } from "node:timers/promises";
import { type ChannelModel, connect, type SocketOptions } from "amqplib";
import { backoffMs } from "../runtime/clock/backoff.ts";
import { calledWithin } from "../runtime/clock/called-within.ts";

export interface ConnectionOptions {
  /** `amqp://user:password@host:port/vhost`; it never appears in an error or a log line */
  url: string;
  /**
   * Makes a fresh connection ready for use: channels, topology, consumers. If it throws, or takes
   * over five seconds together with connecting, the connection is dropped and another one tried.
   * `drop` gives the connection up later, after a fault on it; a new one follows.
   */
  setup(model: ChannelModel, drop: () => void): Promise<void>;
  /** called with every failed attempt and every loss */
  onTrouble?: ((error: unknown) => void) | undefined;
}

export interface Connection {
  /** Whether it is connected and set up. */
  ready(): boolean;
  /** Waits at most `timeoutMs` milliseconds for readiness; resolves with whether it is ready. */
  readyWithin(timeoutMs: number): Promise<boolean>;
  /**
   * Ends it for good: politely if the broker answers within a second, and the socket in any case.
   * Never rejects.
   */
  close(): Promise<void>;
}

const HEARTBEAT_S = 5;
const CONNECT_TIMEOUT_MS = 5_000;
const POLITE_END_MS = 1_000;
const BACKOFF = { firstMs: 100, maxMs: 5_000 };
/** A connection that lasted this long resets the backoff. */
const STEADY_MS = 10_000;

/**
 * Keeps a connection to RabbitMQ until it is closed: after a loss it connects again, with full
 * jitter.
 *
 * The library's own recovery listens to a connection only after its setup: a connection lost
 * meanwhile ends the process or passes for a good one. It also waits for a silent broker without
 * limit, and leaves behind the sockets it gave up.
 */
export function keepConnected(options: ConnectionOptions): Connection {
  const url = withHeartbeat(options.url);
  const closing = new AbortController();
  const readyListeners = new Set<() => void>();
  let drop: (() => void) | undefined;
  let ready = false;

  async function loop(): Promise<void> {
    for (let attempt = 0; !closing.signal.aborted; attempt += 1) {
      const startedMs = performance.now();
      await useConnection().catch(
        (error: unknown) => !closing.signal.aborted && options.onTrouble?.(error),
      );
      if (performance.now() - startedMs > STEADY_MS) attempt = 0;
      await sleep(backoffMs(attempt, BACKOFF, Math), undefined, { signal: closing.signal }).catch(
        () => {},
      );
    }
  }

  /** Connects, sets up, and returns when the connection is over. */
  async function useConnection(): Promise<void> {
    const socket = new AbortController();
    const socketOptions: SocketOptions & { signal: AbortSignal } = {
      noDelay: true,
      signal: socket.signal,
    };
    const deadline = setTimeout(() => socket.abort(), CONNECT_TIMEOUT_MS);
    drop = () => socket.abort();
    try {
      const model = await connect(url, socketOptions);
      const over = new Promise<void>((resolve) => model.once("close", () => resolve()));
      model.on("error", (error) => !socket.signal.aborted && options.onTrouble?.(error));
      drop = politeEnd(model, socket);
      await options.setup(model, drop);
      clearTimeout(deadline);
      ready = true;
      for (const listener of readyListeners) listener();
      if (closing.signal.aborted) drop();
      await over;
    } finally {
      ready = false;
      drop = undefined;
      clearTimeout(deadline);
      socket.abort();
    }
  }

  const looping = loop();

  return {
    ready: () => ready,

    readyWithin(timeoutMs) {
      return ready ? Promise.resolve(true) : calledWithin(readyListeners, timeoutMs);
    },

    async close() {
      closing.abort();
      drop?.();
      await looping;
    },
  };
}

/**
 * Gives a function that closes the connection once, and cuts the socket after a second. Nothing
 * waits for the library's close(), which never returns if the socket dies meanwhile.
 */
function politeEnd(model: ChannelModel, socket: AbortController): () => void {
  let begun = false;
  return () => {
    if (begun) return;
    begun = true;
    const cut = setTimeout(() => socket.abort(), POLITE_END_MS);
    model.once("close", () => clearTimeout(cut));
    model.close().catch(() => socket.abort());
  };
}

function withHeartbeat(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) throw new Error("the RabbitMQ address is not a URL");
  parsed.searchParams.set("heartbeat", String(HEARTBEAT_S));
  return parsed.href;
}
