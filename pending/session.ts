import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs } from "../runtime/clock/backoff.ts";
import { calledWithin } from "../runtime/clock/called-within.ts";
import { type Connection, connectOnce, type Run } from "./connection.ts";
import { nodeOperations } from "./operations.ts";
import { ZooKeeperError } from "./zookeeper-error.ts";

export interface ZooKeeperOptions {
  /** `host:port[,host:port…][/chroot]`; a missing chroot is created */
  servers: string;
  /**
   * the session timeout to ask for; the server keeps it within 2 to 20 of its ticks. A silent
   * server is noticed after a third of it plus the operation timeout
   */
  sessionTimeoutMs: number;
  /**
   * how long an operation waits for its answer; then its outcome is `unknown` and the connection is
   * given up
   */
  operationTimeoutMs: number;
  /** the most operations in flight; one more rejects as `busy`. About 500 is plenty */
  maxInFlight: number;
  /** operations after which a fresh connection takes over; only tests need less than the default */
  maxOperationsPerConnection?: number;
  /** called with every failed attempt to connect */
  onTrouble?: (error: unknown) => void;
}

export type ZooKeeperSession = ReturnType<typeof openZooKeeper>;

/** The library counts its requests in a signed 32-bit number that it never wraps. */
const MAX_OPERATIONS = 2 ** 30;
const BACKOFF = { firstMs: 100, maxMs: 3_000 };
/** A connection that lasted this long resets the backoff. */
const STEADY_MS = 5_000;

/**
 * A connection to ZooKeeper that reconnects by itself, from this call on. Without a connection,
 * operations reject at once as `unavailable`. An operation that waited and ran later could create
 * the pending node of a command decided long ago.
 *
 * Every lost connection is followed by a new session on a new client. The old session would resend
 * waiting requests, misread the rest of a half-read answer and send all its watches in one packet.
 *
 * Lectern's nodes are persistent except for the leader's, so a session holds only watches and the
 * leadership. `onRenewed` has the watches set again; `currentSession` shows the leader that it no
 * longer leads.
 */
export function openZooKeeper(options: ZooKeeperOptions) {
  const { servers, chroot } = splitChroot(options.servers);
  const renewed = new Set<() => void>();
  const closing = new AbortController();
  const maxOperations = options.maxOperationsPerConnection ?? MAX_OPERATIONS;
  let current: Connection | undefined;
  let retiring: Promise<void> | undefined;

  const run: Run = (send) =>
    current?.run(send) ??
    Promise.reject(new ZooKeeperError("unavailable", "not connected to ZooKeeper"));

  async function keepConnected(): Promise<void> {
    for (let attempt = 0; !closing.signal.aborted; attempt += 1) {
      const startedMs = performance.now();
      await useConnection().catch((error: unknown) => options.onTrouble?.(error));
      if (performance.now() - startedMs > STEADY_MS) attempt = 0;
      await sleep(backoffMs(attempt, BACKOFF, Math), undefined, { signal: closing.signal }).catch(
        () => {},
      );
    }
  }

  /**
   * Connects, takes over from a worn connection, and returns when this connection has to be
   * replaced.
   */
  async function useConnection(): Promise<void> {
    const fresh = await connectOnce({ ...options, servers, maxOperations });
    try {
      await ensureChroot(fresh.run, chroot);
    } catch (error) {
      await fresh.end();
      throw error;
    }
    retiring = current?.end();
    current = fresh;
    for (const listener of renewed) listener();
    if (!closing.signal.aborted) await fresh.over;
  }

  const connecting = keepConnected();

  return {
    ...nodeOperations(run, chroot),

    /** Whether an operation would be sent now: for readiness. */
    connected: () => current?.isOpen() ?? false,

    /**
     * Waits at most `timeoutMs` milliseconds for a connection; resolves with whether there is one.
     */
    connectedWithin(timeoutMs: number): Promise<boolean> {
      if (current?.isOpen()) return Promise.resolve(true);
      return calledWithin(renewed, timeoutMs);
    },

    /**
     * The ZooKeeper session of operations sent now: a name never given twice, undefined without a
     * connection. Once the name changes, nothing that an older session held counts, its ephemeral
     * nodes above all.
     */
    currentSession: (): symbol | undefined => (current?.isOpen() ? current.session : undefined),

    /**
     * Calls the listener with every new connection: all earlier watches are gone. Gives a function
     * that stops the calls.
     */
    onRenewed(listener: () => void): () => void {
      renewed.add(listener);
      return () => renewed.delete(listener);
    },

    /**
     * Waits for the operations in flight, at most the operation timeout, then ends session and
     * socket. Nothing is sent afterwards.
     */
    async close(): Promise<void> {
      closing.abort();
      await current?.end();
      await connecting;
      await retiring;
      await current?.end();
    },
  };
}

function splitChroot(text: string): { servers: string; chroot: string } {
  const slash = text.indexOf("/");
  if (slash < 0) return { servers: text, chroot: "" };
  return { servers: text.slice(0, slash), chroot: text.slice(slash).replace(/\/+$/, "") };
}

async function ensureChroot(run: Run, chroot: string): Promise<void> {
  const { create } = nodeOperations(run, "");
  const names = chroot.split("/").slice(1);
  for (let depth = 1; depth <= names.length; depth += 1)
    await create(`/${names.slice(0, depth).join("/")}`);
}
