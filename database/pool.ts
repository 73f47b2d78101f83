import { createPool, type Pool, type PoolConnection } from "mysql2/promise";
import { connectionOptions, readDatabaseUrl } from "./address.ts";
import { withoutValues } from "./database-error.ts";

export interface DatabaseOptions {
  /** `mysql://user:password@host:port/database`, as address.ts reads it */
  url: string;
  /** most connections */
  connections: number;
  /** longest wait for a free connection, in milliseconds */
  acquireTimeoutMs: number;
}

export interface Database {
  /**
   * Runs `work` on a connection of its own. When `work` throws, the connection is destroyed: its
   * statement may still run on the server. Rejects with DatabaseBusy when no connection is free
   * within `acquireTimeoutMs`, the smaller of the pool's and this call's. Rejects with
   * DatabaseError when the server refuses a statement.
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

/** Callers that may wait, for each connection; the next caller is refused at once. */
const WAITING_PER_CONNECTION = 200;

/**
 * Opens the connection pool. Sessions run in UTC and in strict mode: a value that does not fit is
 * an error and never cut. Throws WrongDatabaseUrl for an unreadable address, without quoting it: it
 * holds a password.
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
    // mysql2 would record a stack for each statement, and withoutValues leaves it out.
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

/** mysql2 waits for a connection for ever. A connection that comes too late returns to the pool. */
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
  const mode = "STRICT_ALL_TABLES,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO";
  connection.query(`SET time_zone = '+00:00', sql_mode = '${mode}', innodb_lock_wait_timeout = 10`);
}
