import type { PoolConnection } from "mysql2/promise";
import type { Database } from "../database/pool.ts";

/**
 * For tests: the database, except that a statement fails with the error that `fault` gives for it.
 * `fault` is asked before each `query`, with the values in place, and with "" before a connection
 * is taken; undefined lets it through.
 */
export function faultyDatabase(
  database: Database,
  fault: (statement: string) => unknown,
): Database {
  function check(statement: string): void {
    const error = fault(statement);
    if (error !== undefined) throw error;
  }

  return {
    ...database,
    async withConnection(work, timeoutMs) {
      check("");
      return await database.withConnection(
        (connection) => work(faulty(connection, check)),
        timeoutMs,
      );
    },
  };
}

function faulty(connection: PoolConnection, check: (statement: string) => void): PoolConnection {
  const query = async (options: { sql: string; values: unknown[] }) => {
    check(connection.format(options.sql, options.values));
    return await connection.query(options);
  };
  return new Proxy(connection, {
    get(target, name) {
      if (name === "query") return query;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
