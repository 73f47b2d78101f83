import type { Clock } from "../clock/clock.ts";

/**
 * Failures that say nothing about the commands, and after which the same work is done again: the code that mysql2 or the socket
 * gives, and what it means here.
 */
const transientCodes = new Map([
  ["ER_LOCK_DEADLOCK", "another transaction was let through first"],
  ["ER_LOCK_WAIT_TIMEOUT", "another transaction held the stock row too long"],
  ["ER_CHECKREAD", "the row changed since it was read"],
  ["ER_CON_COUNT_ERROR", "the server has no connection left"],
  ["ER_TOO_MANY_USER_CONNECTIONS", "the server has no connection left for this user"],
  ["ER_SERVER_SHUTDOWN", "the server is stopping"],
  ["ER_NORMAL_SHUTDOWN", "the server is stopping"],
  ["ER_QUERY_INTERRUPTED", "the statement was interrupted"],
  ["ER_CONNECTION_KILLED", "the connection was ended by the server"],
  ["ER_OPTION_PREVENTS_STATEMENT", "the server is read-only for now"],
  ["ER_READ_ONLY_MODE", "the server is read-only for now"],
  ["ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION", "the server is read-only for now"],
  ["ER_DISK_FULL", "the disk is full"],
  ["ER_RECORD_FILE_FULL", "the disk is full"],
  ["ER_ERROR_ON_WRITE", "the disk could not be written"],
  ["ER_ACCESS_DENIED_ERROR", "the server does not know our user (yet)"],
  ["ER_BAD_DB_ERROR", "the database is not there (yet)"],
  ["ER_NO_SUCH_TABLE", "the database is not migrated (yet)"],
  ["PROTOCOL_CONNECTION_LOST", "the connection was lost, the outcome is unknown"],
  ["PROTOCOL_SEQUENCE_TIMEOUT", "no answer in time, the outcome is unknown"],
  ["PROTOCOL_PACKETS_OUT_OF_ORDER", "the connection was cut in mid-answer"],
  ["POOL_CLOSED", "the pool is closing"],
  ["ECONNREFUSED", "the server is not there"],
  ["ECONNRESET", "the connection was cut"],
  ["EPIPE", "the connection was cut"],
  ["ETIMEDOUT", "the server does not answer"],
  ["ENOTFOUND", "the server's name does not resolve"],
  ["EHOSTUNREACH", "the server cannot be reached"],
]);

/** Whether a database failure is of the infrastructure rather than of the commands. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "DatabaseBusy" || transientCodes.has(String((error as { code?: unknown }).code));
}

export interface RetryOptions {
  /** the first wait is up to this long; each next one up to twice the one before */
  firstWaitMs: number;
  maxWaitMs: number;
  /** when work that keeps failing is given up; for ever where left out */
  giveUpAfterMs?: number;
  /** whether the same work may succeed later */
  mayRetry: (error: unknown) => boolean;
  /** told of each failure that is tried again */
  onRetry: (error: unknown, attempt: number) => void;
  /** ends the retrying with the last error */
  signal: AbortSignal;
  clock: Clock;
}

/**
 * Does `work` until it succeeds, waiting in between with full jitter: a random time up to a limit that doubles (Marc Brooker,
 * "Exponential Backoff and Jitter", AWS 2015). Throws the last error when it may not be retried, time is up or the signal fires.
 */
export async function retrying<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal } = options;
  const startedAtMs = clock.monotonicMs();
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const overtime =
        clock.monotonicMs() - startedAtMs > (options.giveUpAfterMs ?? Number.POSITIVE_INFINITY);
      if (overtime || signal.aborted || !options.mayRetry(error)) throw error;
      options.onRetry(error, attempt);
      const limitMs = Math.min(options.maxWaitMs, options.firstWaitMs * 2 ** (attempt - 1));
      await clock.sleep(clock.random() * limitMs, signal);
    }
  }
}
