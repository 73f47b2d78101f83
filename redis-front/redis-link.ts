import type { Log } from "./log.ts";
import {
  openRedisConnection,
  type RedisConnection,
  type RedisConnectionOptions,
} from "./redis-connection.ts";
import type { RedisCommand, Reply } from "./resp.ts";
import { Unavailable } from "./unavailable.ts";

/**
 * The back-off between tries to connect, in milliseconds: random, below a limit that doubles from
 * the first to the last.
 */
const FIRST_BACKOFF_MS = 20;
const LAST_BACKOFF_MS = 1_000;

export interface RedisLink {
  /** As RedisConnection.send. Without a connection it rejects at once with NOTSENT. */
  send(commands: readonly RedisCommand[]): Promise<Reply[]>;
  /** Resolves when the first try to connect has ended, with or without success. */
  triedOnce: Promise<void>;
  /** Ends the connection and opens no other. Commands in flight reject with UNKNOWN. */
  close(): Promise<void>;
}

/**
 * Keeps one connection to Redis open. A connection that ends is replaced after a back-off, until
 * close().
 */
export function keepConnected(options: RedisConnectionOptions, log: Log): RedisLink {
  const triedOnce = Promise.withResolvers<void>();
  let connection: RedisConnection | undefined;
  let isClosed = false;
  let cutPauseShort = () => {};

  async function run() {
    for (let failures = 0; !isClosed; failures++) {
      try {
        connection = await openRedisConnection(options);
        failures = 0;
        await untilEnded(connection);
      } catch (error) {
        if (failures === 0) log.warn(`no connection to Redis: ${(error as Error).message}`);
      }
      connection = undefined;
      triedOnce.resolve();
      if (!isClosed) await pause(backoffMs(failures));
    }
  }

  async function untilEnded(open: RedisConnection) {
    triedOnce.resolve();
    log.info("the front is connected to Redis");
    if (isClosed) open.end("closing");
    const reason = await open.ended;
    if (!isClosed) log.warn(`the connection to Redis ended: ${reason}`);
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      cutPauseShort = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  const running = run();

  return {
    triedOnce: triedOnce.promise,
    send(commands) {
      if (connection) return connection.send(commands);
      return Promise.reject(new Unavailable("NOTSENT", 503, "Redis is not connected"));
    },
    close() {
      isClosed = true;
      connection?.end("closing");
      cutPauseShort();
      return running;
    },
  };
}

function backoffMs(failures: number): number {
  return Math.random() * Math.min(LAST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
}
