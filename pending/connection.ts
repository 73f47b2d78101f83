import { type Client, createClient, Exception } from "node-zookeeper-client";
import { endClient, SPIN_DELAY_MS } from "./end-client.ts";
import { ZooKeeperError } from "./zookeeper-error.ts";

export interface ConnectionOptions {
  /** `host:port,host:port`, without a chroot */
  servers: string;
  sessionTimeoutMs: number;
  operationTimeoutMs: number;
  maxInFlight: number;
  /**
   * operations after which the connection is `worn`: the library's request number never wraps at
   * 2³¹
   */
  maxOperations: number;
}

/** An operation's callback reports its outcome here. */
export interface Reply<T> {
  ok(value: T): void;
  failed(error: unknown): void;
}

/** Runs one operation of the library; resolves with its value or rejects with a ZooKeeperError. */
export type Run = <T>(send: (client: Client, reply: Reply<T>) => void) => Promise<T>;

/** One client of the library, connected once; after a loss the caller makes another. */
export interface Connection {
  run: Run;
  /** names its ZooKeeper session within this process */
  session: symbol;
  isOpen(): boolean;
  /** Resolves when a replacement is due: `lost` is over already, `worn` still works. */
  over: Promise<"lost" | "worn">;
  /**
   * Waits for the operations in flight, at most the operation timeout, then ends session and
   * socket. Never rejects.
   */
  end(): Promise<void>;
}

interface InFlight {
  dueMs: number;
  reject(error: ZooKeeperError): void;
}

/**
 * The grace for a late answer, in milliseconds: this process may have been too busy to read the
 * socket.
 */
const LATE_READ_MS = 50;
const POLITE_END_MS = 500;
/**
 * The longest wait for a connection, in milliseconds. A server that is just starting takes
 * connections and forgets them, so a fresh attempt soon beats a long wait.
 */
const CONNECT_TIMEOUT_MS = 2_000;

/**
 * Connects to any one of the servers, within the operation timeout and two seconds at most. Throws
 * ZooKeeperError `unavailable`, with nothing left behind.
 */
export async function connectOnce(options: ConnectionOptions): Promise<Connection> {
  const client = createClient(options.servers, {
    sessionTimeout: options.sessionTimeoutMs,
    spinDelay: SPIN_DELAY_MS,
    retries: 0,
  });
  if (!(await connects(client, Math.min(options.operationTimeoutMs, CONNECT_TIMEOUT_MS)))) {
    await endClient(client, 0);
    throw new ZooKeeperError("unavailable", "no ZooKeeper server took the connection in time");
  }
  return follow(client, options);
}

/** Sets the deadline that the library lacks: it waits without limit for a server's first answer. */
function connects(client: Client, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const deadline = setTimeout(resolve, timeoutMs, false);
    client.once("connected", () => {
      clearTimeout(deadline);
      resolve(true);
    });
    client.connect();
  });
}

/**
 * Answers come in the order of the requests, so one timer, for the oldest, watches all of them.
 * Once the oldest is overdue, everything behind it is stuck too, and the connection is given up.
 */
function follow(client: Client, options: ConnectionOptions): Connection {
  const inFlight = new Set<InFlight>();
  const over = Promise.withResolvers<"lost" | "worn">();
  let sent = 0;
  let ended: Promise<void> | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let suspect: InFlight | undefined;

  client.once("disconnected", () => lose("the connection was lost", 0));
  const heartbeat = setInterval(beat, options.sessionTimeoutMs / 3);

  function run<T>(send: (client: Client, reply: Reply<T>) => void): Promise<T> {
    if (ended)
      return Promise.reject(new ZooKeeperError("unavailable", "not connected to ZooKeeper"));
    if (inFlight.size >= options.maxInFlight) {
      return Promise.reject(new ZooKeeperError("busy", "too many ZooKeeper operations in flight"));
    }
    return new Promise((resolve, reject) => {
      const operation: InFlight = { dueMs: performance.now() + options.operationTimeoutMs, reject };
      inFlight.add(operation);
      watchdog ??= setTimeout(checkOldest, options.operationTimeoutMs);
      sent += 1;
      if (sent === options.maxOperations) over.resolve("worn");
      const failed = (error: unknown) => {
        inFlight.delete(operation);
        reject(asZooKeeperError(error));
      };
      try {
        send(client, {
          ok(value) {
            inFlight.delete(operation);
            resolve(value);
          },
          failed,
        });
      } catch (error) {
        failed(error);
      }
    });
  }

  function checkOldest(): void {
    watchdog = undefined;
    const [oldest] = inFlight;
    if (!oldest) return;
    if (oldest === suspect) {
      lose("no answer before the deadline", 0);
      return;
    }
    const leftMs = oldest.dueMs - performance.now();
    suspect = leftMs <= 0 ? oldest : undefined;
    watchdog = setTimeout(checkOldest, Math.max(leftMs, LATE_READ_MS));
  }

  /**
   * Notices a server that fell silent between requests, so that watches do not wait for it in vain.
   */
  function beat(): void {
    if (inFlight.size > 0) return;
    run<void>((client, reply) => client.exists("/", () => reply.ok())).catch(() => {});
  }

  function lose(reason: string, politeMs: number): Promise<void> {
    if (ended) return ended;
    ended = endClient(client, politeMs);
    clearInterval(heartbeat);
    clearTimeout(watchdog);
    for (const operation of inFlight)
      operation.reject(new ZooKeeperError("unknown", `ZooKeeper: ${reason}`));
    inFlight.clear();
    over.resolve("lost");
    return ended;
  }

  async function end(): Promise<void> {
    const startedMs = performance.now();
    while (inFlight.size > 0 && performance.now() - startedMs < options.operationTimeoutMs)
      await Bun.sleep(5);
    await lose("the connection was closed", POLITE_END_MS);
  }

  return {
    run,
    session: Symbol("a ZooKeeper session"),
    isOpen: () => ended === undefined,
    over: over.promise,
    end,
  };
}

function asZooKeeperError(error: unknown): unknown {
  if (!(error instanceof Exception)) return error;
  const lost = error.code === Exception.CONNECTION_LOSS || error.code === Exception.SESSION_EXPIRED;
  return lost
    ? new ZooKeeperError("unknown", "ZooKeeper: the connection was lost")
    : new ZooKeeperError("refused", `ZooKeeper answered ${error.name}`, error.code);
}
