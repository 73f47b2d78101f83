import mysql from "mysql2/promise";
import { type Schema, urlsOfSchemas } from "../../database/schemas.ts";
import { stopStack } from "../../stack/down.ts";
import { databasesOf, environmentOf } from "../../stack/environment.ts";
import { portOf } from "../../stack/layout.ts";
import { migrate } from "../../stack/migrate.ts";
import { makePlan, type Plan } from "../../stack/plan.ts";
import { followPrimary } from "../../stack/replication.ts";
import { mysql as primary, REPLICA_USER } from "../../stack/servers/mysql.ts";
import { mysqlReplica } from "../../stack/servers/mysql-replica.ts";
import { NEVER, stackForTest } from "../../stack/stack-for-test.ts";
import { startPart } from "../../stack/start-part.ts";

/** A test's own MariaDB with a replica, as `npm start -- --replica` runs them. */
export interface PrivateReplica {
  plan: Plan;
  /** at the primary */
  urls: Record<Schema, string>;
  replicaUrl: string;
  /** Runs a statement at the replica, with every right. */
  atReplica(sql: string): Promise<void>;
  remove(): Promise<void>;
}

/** Starts both and waits until the replica follows. */
export async function startPrivateReplica(): Promise<PrivateReplica> {
  const config = await stackForTest();
  const plan = makePlan({ ...config, replica: true });
  for (const part of [primary, mysqlReplica]) await startPart(plan, part, [], NEVER);
  const environment = environmentOf(plan);
  await migrate(plan.dir, databasesOf(environment), NEVER);
  await followPrimary(plan, NEVER);
  return {
    plan,
    urls: urlsOfSchemas(environment.BOOKING_MYSQL_URL),
    replicaUrl: environment["CATALOGUE_REPLICA_URLS"] ?? "",
    async atReplica(sql) {
      const connection = await mysql.createConnection({
        host: "127.0.0.1",
        port: portOf(plan.basePort, "mysql-replica"),
        user: REPLICA_USER,
        password: plan.secrets.mysqlPassword,
      });
      await connection.query(sql);
      await connection.end();
    },
    async remove() {
      await stopStack(plan.dir, { wipe: true, hurry: NEVER, quietly: true });
      config.remove();
    },
  };
}
