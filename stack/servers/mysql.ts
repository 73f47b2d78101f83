import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { SCHEMAS } from "../../database/schemas.ts";
import { databasesOf, environmentOf } from "../environment.ts";
import { paths, portOf } from "../layout.ts";
import type { Part } from "../part.ts";
import { probeMysql } from "../probes/mysql.ts";
import { programs } from "../programs.ts";
import { runTool } from "../tool.ts";
import { serverEnvironment } from "./server-environment.ts";

/** The account of replication, at both servers. */
export const REPLICA_USER = "lectern_replica";

/** MariaDB. Every commit is on disk before its answer. */
export const mysql: Part = {
  name: "mysql",
  ports: ["mysql"],
  needs: [],
  prepare: async (plan, signal) => {
    const cwd = paths.data(plan.dir, "mysql");
    mkdirSync(cwd, { recursive: true, mode: 0o700 });
    if (!existsSync(join(cwd, "data"))) await install(paths.log(plan.dir, "mysql"), cwd, signal);
    const password = plan.secrets.mysqlPassword;
    const statements = [...accounts(password), ...(plan.replica ? followers(password) : [])];
    writeFileSync(join(cwd, "accounts.sql"), statements.join("\n"), { mode: 0o600 });
    const args = [
      ...commonArguments(cwd, portOf(plan.basePort, "mysql")),
      "--innodb-flush-log-at-trx-commit=1",
      "--innodb-buffer-pool-size=256M",
      "--max-connections=400",
      ...(plan.replica ? BINLOG : []),
    ];
    return {
      command: [programs.mariadb, "--no-defaults", ...args],
      env: serverEnvironment(cwd),
      cwd,
    };
  },
  probe: (plan) => {
    const own = SCHEMAS.find((schema) => plan.external.databases?.[schema] === undefined);
    return own
      ? probeMysql(databasesOf(environmentOf(plan))[own], own)
      : Promise.resolve(undefined);
  },
  stopWithinMs: 30_000,
};

/** What the replica follows: the catalogue alone. Bookings write nothing twice. */
const BINLOG = [
  "--log-bin=binlog",
  "--server-id=1",
  "--binlog-format=ROW",
  "--binlog-do-db=lectern_catalogue",
  "--binlog-expire-logs-seconds=604800",
];

/** The arguments of every MariaDB of a stack. */
export function commonArguments(cwd: string, port: number): string[] {
  return [
    ...asThisUser(),
    `--datadir=${join(cwd, "data")}`,
    // Relative to the data directory: a socket's path is limited to about a hundred bytes.
    "--socket=mysql.sock",
    "--pid-file=mysql.pid",
    `--init-file=${join(cwd, "accounts.sql")}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    "--default-time-zone=+00:00",
  ];
}

/** MariaDB 10.11 crashes now and then while it makes its system tables (signal 11). */
const INSTALLATIONS_MAX = 3;

/** Makes the system tables. An interrupted installation leaves nothing that looks finished. */
export async function install(log: string, cwd: string, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await tryToInstall(log, cwd, signal);
    } catch (error) {
      if (signal.aborted || tries === INSTALLATIONS_MAX) throw error;
    }
  }
}

async function tryToInstall(log: string, cwd: string, signal: AbortSignal): Promise<void> {
  const draft = join(cwd, "draft");
  rmSync(draft, { recursive: true, force: true });
  const args = [
    "--no-defaults",
    `--datadir=${draft}`,
    // No --user, not even for root: the script would change the owner of files outside the stack.
    `--auth-root-socket-user=${userInfo().username}`,
    "--auth-root-authentication-method=socket",
    "--skip-test-db",
    "--skip-name-resolve",
  ];
  const command: [string, ...string[]] = [programs.mariadbInstall, ...args];
  await runTool({ command, env: serverEnvironment(cwd), cwd }, { log, signal });
  renameSync(draft, join(cwd, "data"));
}

/**
 * Runs at each start, before the first connection. The tests' databases have their own names:
 * `lectern_…`.
 */
function accounts(password: string): string[] {
  return [
    "CREATE DATABASE IF NOT EXISTS lectern CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;",
    `CREATE OR REPLACE USER 'lectern'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    "GRANT ALL ON `lectern%`.* TO 'lectern'@'127.0.0.1';",
    "",
  ];
}

/** The account of the replica: it reads the log, and once a dump. */
function followers(password: string): string[] {
  return [
    `CREATE OR REPLACE USER '${REPLICA_USER}'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT REPLICATION SLAVE, RELOAD, BINLOG MONITOR ON *.* TO '${REPLICA_USER}'@'127.0.0.1';`,
    "GRANT SELECT, LOCK TABLES, SHOW VIEW, TRIGGER ON `lectern%`.* " +
      `TO '${REPLICA_USER}'@'127.0.0.1';`,
    "",
  ];
}

/** MariaDB runs as root only with `--user=root`. */
function asThisUser(): string[] {
  return process.getuid?.() === 0 ? ["--user=root"] : [];
}
