import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../stack/layout.ts";
import type { Part } from "../../../stack/part.ts";
import type { Plan } from "../../../stack/plan.ts";
import type { Launch } from "../../../stack/processes.ts";
import { mysql } from "../../../stack/servers/mysql.ts";

/** The account that breaks the database: it may write while all others may not. */
export const MYSQL_ADMIN = "faults";

/** The file with the shift of a service's clock. */
export function clockFile({ dir }: Plan): string {
  return join(dir, "clock");
}

/** A Bun service whose clock can be shifted. */
export function withClock(plan: Plan): (what: Launch) => Launch {
  return ({ command: [bun, ...args], env, cwd }) => ({
    command: [bun, "--preload", join(ROOT, "proof/faults/system/clock.ts"), ...args],
    env: { ...env, FAULT_CLOCK_FILE: clockFile(plan) },
    cwd,
  });
}

/**
 * A MariaDB that can run out of disk. All tables lie in one file, larger than the redo log, which
 * grows in small steps. A limit on file size then stands for a full disk. SIGXFSZ, the signal of
 * such a limit, is ignored: the write fails as on a full disk.
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
