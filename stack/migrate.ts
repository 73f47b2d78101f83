import { join } from "node:path";
import { dbmateUrl, readDatabaseUrl } from "../database/address.ts";
import { paths, ROOT } from "./layout.ts";
import { platformBinary } from "./platform-binary.ts";
import { runTool } from "./tool.ts";

/** Brings a database to the newest schema, and makes it first where there is none. The log is the stack's `migrations`. */
export async function migrate(
  dir: string,
  databaseUrl: string,
  signal: AbortSignal,
): Promise<void> {
  const authorities = process.env["NODE_EXTRA_CA_CERTS"];
  const migrations = join(ROOT, "database/migrations");
  const args = ["--migrations-dir", migrations, "--no-dump-schema", "up"];
  // In the environment, not in the arguments, which every user of the machine can read.
  const env = {
    PATH: "/usr/bin:/bin",
    DATABASE_URL: dbmateUrl(readDatabaseUrl(databaseUrl)),
    // Go's name for a file of authorities, which are believed beside the machine's own.
    ...(authorities && { SSL_CERT_FILE: authorities }),
  };
  const command: [string, ...string[]] = [platformBinary("dbmate"), ...args];
  await runTool({ command, env, cwd: dir }, { log: paths.log(dir, "migrations"), signal });
}
