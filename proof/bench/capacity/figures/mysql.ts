import type { RowDataPacket } from "mysql2/promise";
import type { Database } from "../../../../database/pool.ts";
import { readRow } from "../../read-row.ts";

/** A table's disk use, in bytes. */
export interface TableBytes {
  /** the rows, which are the primary key's index */
  data: number;
  /** the other indexes */
  indexes: number;
}

/** The size of the reservation table, after an update of its statistics. */
export async function reservationBytes(database: Database): Promise<TableBytes> {
  await database.withConnection((connection) => connection.query("ANALYZE TABLE reservation"));
  return await readRow<keyof TableBytes>(
    database,
    `SELECT data_length AS data, index_length AS indexes FROM information_schema.tables
      WHERE table_schema = DATABASE() AND table_name = 'reservation'`,
  );
}

/** MySQL's writes since its start. */
export interface Written {
  /** bytes of the redo log */
  redo: number;
  /** the number of forced writes of the redo log */
  syncs: number;
}

export async function written(database: Database): Promise<Written> {
  const [rows] = await database.withConnection((connection) =>
    connection.query<RowDataPacket[]>("SHOW GLOBAL STATUS"),
  );
  const status = new Map(
    rows.map((row) => [String(row["Variable_name"]).toLowerCase(), Number(row["Value"])]),
  );
  return {
    redo: status.get("innodb_os_log_written") ?? 0,
    syncs: status.get("innodb_os_log_fsyncs") ?? status.get("innodb_data_fsyncs") ?? 0,
  };
}

/** Says whether each commit also goes to a binary log, as replicas require. */
export async function hasBinaryLog(database: Database): Promise<boolean> {
  const row = await readRow<"enabled">(database, "SELECT @@global.log_bin AS enabled");
  return row.enabled === 1;
}
