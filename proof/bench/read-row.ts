import type { RowDataPacket } from "mysql2/promise";
import type { Database } from "../../database/pool.ts";

/** The first row of a query's result, as numbers; NaN for what it lacks. */
export async function readRow<Name extends string>(
  database: Database,
  query: string,
  values: unknown[] = [],
): Promise<Record<Name, number>> {
  const [[row = {}]] = await database.withConnection((connection) =>
    connection.query<RowDataPacket[]>(query, values),
  );
  const entries = Object.entries(row).map(([name, value]) => [name, Number(value)]);
  return Object.fromEntries(entries) as Record<Name, number>;
}
