import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { paths, portOf } from "../layout.ts";
import type { Part } from "../part.ts";
import { programs } from "../programs.ts";
import { readReplication } from "../replication.ts";
import { passing } from "../trouble.ts";
import { commonArguments, install, REPLICA_USER } from "./mysql.ts";
import { serverEnvironment } from "./server-environment.ts";

/** A MariaDB that follows the catalogue. It may lose its last second: the primary has it. */
export const mysqlReplica: Part = {
  name: "mysql-replica",
  ports: ["mysql-replica"],
  needs: [],
  prepare: async (plan, signal) => {
    const cwd = paths.data(plan.dir, "mysql-replica");
    mkdirSync(cwd, { recursive: true, mode: 0o700 });
    const log = paths.log(plan.dir, "mysql-replica");
    if (!existsSync(join(cwd, "data"))) await install(log, cwd, signal);
    const statements = accounts(plan.secrets.mysqlPassword).join("\n");
    writeFileSync(join(cwd, "accounts.sql"), statements, { mode: 0o600 });
    const args = [
      ...commonArguments(cwd, portOf(plan.basePort, "mysql-replica")),
      "--innodb-flush-log-at-trx-commit=2",
      "--innodb-buffer-pool-size=64M",
      "--max-connections=100",
      "--server-id=2",
      "--read-only=1",
      "--relay-log=relay",
      "--replicate-do-db=lectern_catalogue",
      // The start's step decides when to follow, and from where.
      "--skip-slave-start",
    ];
    return {
      command: [programs.mariadb, "--no-defaults", ...args],
      env: serverEnvironment(cwd),
      cwd,
    };
  },
  /** Whether it answers; whether it follows is the next step's matter. */
  probe: async (plan) => {
    const { answers, trouble } = await readReplication(plan);
    return answers ? undefined : passing(trouble ?? "it does not answer");
  },
  stopWithinMs: 30_000,
};

/** Readers may only read; the account of replication sets it up. */
function accounts(password: string): string[] {
  return [
    `CREATE OR REPLACE USER 'lectern'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    "GRANT SELECT ON `lectern%`.* TO 'lectern'@'127.0.0.1';",
    `CREATE OR REPLACE USER '${REPLICA_USER}'@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL ON *.* TO '${REPLICA_USER}'@'127.0.0.1';`,
    "",
  ];
}
