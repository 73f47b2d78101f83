import type { RowDataPacket } from "mysql2/promise";
import type { Database } from "../database/pool.ts";
import { type Deadline, within } from "./deadline.ts";

/** How long MySQL may take for one statement, in milliseconds. */
export const STATEMENT_TIMEOUT_MS = 5_000;

/**
 * Runs a SELECT and gives its rows. Waits for a connection and for the rows until the deadline,
 * then rejects.
 */
export async function select<Row extends RowDataPacket>(
  database: Database,
  { sql, values = [] }: { sql: string; values?: string[] },
  deadline: Deadline,
): Promise<Row[]> {
  const selecting = database.withConnection(
    (connection) => connection.execute<Row[]>({ sql, values, timeout: STATEMENT_TIMEOUT_MS }),
    deadline.leftMs(),
  );
  const [rows] = await within(deadline, selecting);
  return rows;
}
