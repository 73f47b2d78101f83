import { join } from "node:path";
import { dbmateUrl, readDatabaseUrl } from "../database/address.ts";
import { paths, ROOT } from "./layout.ts";
import { platformBinary } from "./platform-binary.ts";
import { runTool } from "./tool.ts";

/**
 * Brings a database to the newest schema. Makes a missing database. Logs to the stack's
 * `migrations`. Throws StackError that names the log when a migration fails.
 */
export async function migrate(
  dir: string,
  databaseUrl: string,
  signal: AbortSignal,
): Promise<void> {
  const authorities = process.env["NODE_EXTRA_CA_CERTS"];
  const migrations = join(ROOT, "database/migrations");
  const args = ["--migrations-dir", migrations, "--no-dump-schema", "up"];
  // The URL is in the environment: every user of the machine can read arguments.
  const env = {
    PATH: "/usr/bin:/bin",
    DATABASE_URL: dbmateUrl(readDatabaseUrl(databaseUrl)),
    // Go's name for a file of authorities. It trusts them in addition to the machine's own.
    ...(authorities && { SSL_CERT_FILE: authorities }),
  };
  const command: [string, ...string[]] = [platformBinary("dbmate"), ...args];
  await runTool({ command, env, cwd: dir }, { log: paths.log(dir, "migrations"), signal });
}
