import { join } from "node:path";
import { databaseUrl, readDatabaseUrl } from "../database/address.ts";
import { carryOver } from "../database/carry-over.ts";
import { openDatabase } from "../database/pool.ts";
import { SCHEMAS, type Schema } from "../database/schemas.ts";
import { paths, ROOT } from "./layout.ts";
import { platformBinary } from "./platform-binary.ts";
import { runTool } from "./tool.ts";

/**
 * Brings the databases of all schemas to the newest form, and carries a 0.2 database over. Makes
 * missing databases. Logs to the stack's `migrations`. Throws StackError that names the log when a
 * migration fails. May run again after a crash.
 */
export async function migrate(
  dir: string,
  urls: Record<Schema, string>,
  signal: AbortSignal,
): Promise<void> {
  for (const schema of SCHEMAS) await migrateSchema(dir, schema, urls[schema], signal);
  const open = (url: string) => openDatabase({ url, connections: 1, acquireTimeoutMs: 5_000 });
  const [booking, catalogue] = [open(urls.booking), open(urls.catalogue)];
  try {
    await carryOver(booking, catalogue);
  } finally {
    await Promise.all([booking.close(), catalogue.close()]);
  }
}

/** Brings the database of one schema to the newest form, without anything of the others. */
export async function migrateSchema(
  dir: string,
  schema: Schema,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  const authorities = process.env["NODE_EXTRA_CA_CERTS"];
  const migrations = join(ROOT, "database/migrations", schema);
  const args = ["--migrations-dir", migrations, "--no-dump-schema", "up"];
  // The URL is in the environment: every user of the machine can read arguments.
  const env = {
    PATH: "/usr/bin:/bin",
    DATABASE_URL: databaseUrl(readDatabaseUrl(url)),
    // Go's name for a file of authorities. It trusts them in addition to the machine's own.
    ...(authorities && { SSL_CERT_FILE: authorities }),
  };
  const command: [string, ...string[]] = [platformBinary("dbmate"), ...args];
  await runTool({ command, env, cwd: dir }, { log: paths.log(dir, "migrations"), signal });
}
