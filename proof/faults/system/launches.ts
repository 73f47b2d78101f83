import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../stack/layout.ts";
import type { Part } from "../../../stack/part.ts";
import type { Plan } from "../../../stack/plan.ts";
import type { Launch } from "../../../stack/processes.ts";
import { mysql } from "../../../stack/servers/mysql.ts";

/** The account that breaks the database: it may write while everybody else may not. */
export const MYSQL_ADMIN = "faults";

/** Where the wrong clock of a service is written down. */
export function clockFile({ dir }: Plan): string {
  return join(dir, "clock");
}

/** A Bun service whose clock can be set wrong. */
export function withClock(plan: Plan): (what: Launch) => Launch {
  return ({ command: [bun, ...args], env, cwd }) => ({
    command: [bun, "--preload", join(ROOT, "proof/faults/system/clock.ts"), ...args],
    env: { ...env, FAULT_CLOCK_FILE: clockFile(plan) },
    cwd,
  });
}

/**
 * MariaDB that can run out of disk: all tables lie in one file, which grows by little and above the redo log's size, so that a limit on
 * the size of files stands for the end of the disk. SIGXFSZ, which such a limit comes with, is ignored: the write fails then, as on
 * a full disk.
 */
export const mysqlThatFills: Part = {
  ...mysql,
  prepare: async (plan, signal) => {
    const { command, env, cwd } = await mysql.prepare(plan, signal);
    const admin = [
      `CREATE OR REPLACE USER '${MYSQL_ADMIN}'@'127.0.0.1' IDENTIFIED BY '${plan.secrets.mysqlPassword}';`,
      `GRANT ALL ON *.* TO '${MYSQL_ADMIN}'@'127.0.0.1';`,
      "",
    ].join("\n");
    appendFileSync(join(cwd, "accounts.sql"), admin);
    const small = [
      "--innodb-file-per-table=0",
      "--innodb-log-file-size=8M",
      "--innodb-autoextend-increment=1",
    ];
    return {
      command: ["/bin/sh", "-c", 'trap "" 25; exec "$@"', "sh", ...command, ...small],
      env,
      cwd,
    };
  },
};
