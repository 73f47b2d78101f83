import type { Database } from "../database/pool.ts";

const INSERT_MISSING = `
  INSERT INTO host (id, name, created_at) VALUES (?, ?, UTC_TIMESTAMP(3))
  ON DUPLICATE KEY UPDATE id = id`;

export interface Host {
  /** of `[a-z0-9-]`, at most 32 characters */
  id: string;
  name: string;
}

/** Makes a host that is missing. A host that is there keeps its name. */
export async function ensureHost(catalogue: Database, { id, name }: Host): Promise<void> {
  await catalogue.withConnection((connection) => connection.execute(INSERT_MISSING, [id, name]));
}
