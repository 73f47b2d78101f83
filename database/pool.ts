import { createPool, type Pool, type PoolConnection } from "mysql2/promise";
import { connectionOptions, readDatabaseUrl } from "./address.ts";
import { withoutValues } from "./database-error.ts";

export interface DatabaseOptions {
  /** `mysql://user:password@host:port/database`, as address.ts reads it */
  url: string;
  /** connections at most */
  connections: number;
  /** how long a caller waits for a free connection, in milliseconds */
  acquireTimeoutMs: number;
}

export interface Database {
  /**
   * Runs `work` on a connection of its own. When `work` throws, the connection is destroyed rather than reused: what it was
   * doing may still be under way on the server. Rejects with DatabaseBusy when none is free in time: within the pool's
   * `acquireTimeoutMs`, or within one of this call's own where that is less; and with a DatabaseError for what the server refused.
   */
  withConnection<T>(
    work: (connection: PoolConnection) => Promise<T>,
    acquireTimeoutMs?: number,
  ): Promise<T>;
  close(): Promise<void>;
}

/** No connection became free in time; nothing was sent. */
export class DatabaseBusy extends Error {
  override name = "DatabaseBusy";
}

/** How many callers may wait for a connection before the next one is turned away at once. */
const WAITING_PER_CONNECTION = 200;

/**
 * Opens the connection pool. Sessions run in UTC and in strict mode, so that a value that does not fit is an error and never cut. Throws
 * WrongDatabaseUrl for an address that cannot be read, and never repeats it: there is a password in it.
 */
export function openDatabase({ url, connections, acquireTimeoutMs }: DatabaseOptions): Database {
  const address = readDatabaseUrl(url);
  const pool = createPool({
    ...connectionOptions(address),
    database: address.database,
    connectionLimit: connections,
    queueLimit: connections * WAITING_PER_CONNECTION,
    connectTimeout: acquireTimeoutMs,
    timezone: "Z",
    charset: "utf8mb4",
    supportBigNumbers: true,
    bigNumberStrings: true,
    enableKeepAlive: true,
    // The stack it would take for every statement, in case it fails, is not what is told of a failure: see withoutValues.
    trace: false,
  });
  pool.on("connection", prepareSession);
  return {
    withConnection: (work, ownTimeoutMs = acquireTimeoutMs) =>
      withConnection(pool, Math.min(acquireTimeoutMs, ownTimeoutMs), work),
    close: () => pool.end(),
  };
}

async function withConnection<T>(
  pool: Pool,
  acquireTimeoutMs: number,
  work: (connection: PoolConnection) => Promise<T>,
): Promise<T> {
  const connection = await acquire(pool, acquireTimeoutMs);
  try {
    const result = await work(connection);
    connection.release();
    return result;
  } catch (error) {
    connection.destroy();
    throw withoutValues(error);
  }
}

/** mysql2 waits for ever for a free connection. One that comes too late goes straight back to the pool. */
async function acquire(pool: Pool, acquireTimeoutMs: number): Promise<PoolConnection> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new DatabaseBusy(`no database connection within ${acquireTimeoutMs} ms`)),
    acquireTimeoutMs,
  );
  const arriving = pool.getConnection();
  try {
    return await Promise.race([arriving, late.promise]);
  } catch (error) {
    arriving.then(
      (connection) => connection.release(),
      () => {},
    );
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function prepareSession(connection: { query(sql: string): unknown }): void {
  connection.query(
    "SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO', innodb_lock_wait_timeout = 10",
  );
}
