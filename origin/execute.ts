import type { ResultSetHeader } from "mysql2/promise";
import type { Database } from "../database/pool.ts";
import { type Deadline, within } from "./deadline.ts";
import { STATEMENT_TIMEOUT_MS } from "./select.ts";

/**
 * Runs a statement that writes. Waits until the deadline, then rejects: the statement may have run
 * or may run yet.
 */
export async function execute(
  database: Database,
  { sql, values }: { sql: string; values: unknown[] },
  deadline: Deadline,
): Promise<ResultSetHeader> {
  const writing = database.withConnection(
    (connection) => connection.execute({ sql, values, timeout: STATEMENT_TIMEOUT_MS }),
    deadline.leftMs(),
  );
  const [result] = await within(deadline, writing);
  return result as ResultSetHeader;
}
