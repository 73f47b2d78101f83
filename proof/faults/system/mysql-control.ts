import { statSync } from "node:fs";
import { join } from "node:path";
import { type Connection, createConnection } from "mysql2/promise";
import { paths } from "../../../stack/layout.ts";
import { programs } from "../../../stack/programs.ts";
import { MYSQL_ADMIN } from "./launches.ts";
import type { FaultSystem } from "./system.ts";

const TIMEOUT_MS = 5_000;
const FILLER_BYTES = 256 * 1_024;
const FILLERS_MAX = 1_000;

/** Queries the database with the account that has all rights. */
export async function asAdmin<T>(
  { mysqlPort, mysqlPassword }: FaultSystem,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await createConnection({
    host: "127.0.0.1",
    port: mysqlPort,
    user: MYSQL_ADMIN,
    password: mysqlPassword,
    connectTimeout: TIMEOUT_MS,
  });
  connection.on("error", () => {});
  try {
    return await work(connection);
  } finally {
    connection.destroy();
  }
}

export async function setReadOnly(system: FaultSystem, readOnly: boolean): Promise<void> {
  await asAdmin(system, (admin) =>
    admin.query({ sql: `SET GLOBAL read_only = ${readOnly ? 1 : 0}`, timeout: TIMEOUT_MS }),
  );
}

/** Freezes the size of the database's files, and uses up their free room. */
export async function fillDisk(system: FaultSystem): Promise<void> {
  const { mysql } = system.units;
  const tables = join(paths.data(mysql.plan.dir, "mysql"), "data/ibdata1");
  await limitFiles(system, String(statSync(tables).size));
  await asAdmin(system, async (admin) => {
    await admin.query("CREATE DATABASE IF NOT EXISTS faults");
    await admin.query("CREATE TABLE IF NOT EXISTS faults.filler (bytes LONGBLOB)");
    for (let count = 0; count < FILLERS_MAX; count += 1)
      await admin.query("INSERT INTO faults.filler VALUES (REPEAT('x', ?))", [FILLER_BYTES]);
  }).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== "ER_RECORD_FILE_FULL") throw error;
  });
}

export async function freeDisk(system: FaultSystem): Promise<void> {
  await limitFiles(system, "unlimited");
  await asAdmin(system, (admin) =>
    admin.query({ sql: "DROP TABLE IF EXISTS faults.filler", timeout: TIMEOUT_MS }),
  );
}

async function limitFiles({ units }: FaultSystem, bytes: string): Promise<void> {
  const pid = units.mysql.pid();
  if (pid === undefined) throw new Error("the database does not run");
  const child = Bun.spawn([programs.prlimit, "--pid", String(pid), `--fsize=${bytes}:unlimited`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  if ((await child.exited) !== 0)
    throw new Error(`prlimit: ${await new Response(child.stderr).text()}`);
}
