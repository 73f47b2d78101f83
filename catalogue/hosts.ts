import type { RowDataPacket } from "mysql2/promise";
import { type Actor, runsHost } from "../contract/actor.ts";
import { HOSTS_MAX, type Host, type HostId } from "../contract/host.ts";
import type { Database } from "../database/pool.ts";
import type { Statement } from "./lists.ts";

const INSERT_MISSING = `
  INSERT INTO host (id, name, created_at) VALUES (?, ?, UTC_TIMESTAMP(3))
  ON DUPLICATE KEY UPDATE id = id`;

const INSERT_OR_RENAME = `
  INSERT INTO host (id, name, created_at) VALUES (?, ?, UTC_TIMESTAMP(3))
  ON DUPLICATE KEY UPDATE name = VALUES(name)`;

export interface HostRow extends RowDataPacket, Host {}

/** Makes a host that is missing. A host that is there keeps its name. */
export async function ensureHost(catalogue: Database, { id, name }: Host): Promise<void> {
  await catalogue.withConnection((connection) => connection.execute(INSERT_MISSING, [id, name]));
}

/** Makes a host, or gives it another name. */
export function putHost({ id, name }: Host): Statement {
  return { sql: INSERT_OR_RENAME, values: [id, name] };
}

/** The hosts that an actor works for, by id; those of them that exist. */
export function hostsOf(actor: Actor): Statement {
  const { condition, values } = ofTheirHosts(actor, "id");
  const sql = `SELECT id, name FROM host WHERE ${condition} ORDER BY id LIMIT ${HOSTS_MAX}`;
  return { sql, values };
}

/** One host that an actor works for. */
export function hostOf(actor: Actor, id: HostId): Statement {
  const condition = runsHost(actor, id) ? "id = ?" : "id = ? AND FALSE";
  return { sql: `SELECT id, name FROM host WHERE ${condition}`, values: [id] };
}

/** The condition that a column names a host that an actor works for. */
export function ofTheirHosts(
  { role, hosts }: Actor,
  column: string,
): { condition: string; values: string[] } {
  if (role === "admin") return { condition: "TRUE", values: [] };
  if (hosts.length === 0) return { condition: "FALSE", values: [] };
  return { condition: `${column} IN (${hosts.map(() => "?").join(", ")})`, values: [...hosts] };
}
