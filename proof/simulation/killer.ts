import type { Rid } from "../../contract/ids.ts";
import type { Database } from "../../database/pool.ts";
import { DecisionRows } from "../../worker/decision-rows.ts";

/**
 * A worker's database that kills the worker when it decides this rid: nothing is sent or answered.
 *
 * @param kill returns whether to kill
 */
export function killing(database: Database, rid: Rid, kill: () => boolean): Database {
  return {
    ...database,
    withConnection: (work, timeoutMs) =>
      database.withConnection((connection) => {
        const query = (options: { sql: string; values?: unknown[] }) => {
          if (!decides(options.values ?? [], rid) || !kill()) return connection.query(options);
          return new Promise<never>(() => {});
        };
        return work(Object.assign(Object.create(connection), { query }));
      }, timeoutMs),
  };
}

function decides(values: unknown[], rid: Rid): boolean {
  return values.some(
    (value) =>
      value instanceof DecisionRows && value.decisions.some((decision) => decision.rid === rid),
  );
}
