import type { PoolConnection } from "mysql2/promise";
import type { Database } from "../database/pool.ts";

/**
 * For tests: a database whose statements fail with the errors that `fault` gives. `fault` gets each
 * `query` with its values in place, and "" before a connection is taken. Its undefined lets the
 * statement through.
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
