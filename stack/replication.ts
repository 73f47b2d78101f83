import { join } from "node:path";
import mysql, { type Connection, type RowDataPacket } from "mysql2/promise";
import { paths, portOf } from "./layout.ts";
import type { Plan } from "./plan.ts";
import { programs } from "./programs.ts";
import { StackError } from "./stack-error.ts";
import { runTool } from "./tool.ts";

/** The account of replication at both servers: see stack/servers/mysql.ts. */
const USER = "lectern_replica";
const DATABASE = "lectern_catalogue";

const WITHIN_MS = 2_000;
const FOLLOWS_WITHIN_MS = 20_000;
const POLL_MS = 100;

/** What a stack's replica tells of its replication. */
export interface Replication {
  /** whether the server answers at all */
  answers: boolean;
  /** why it does not follow its primary */
  trouble?: string;
  behindSeconds?: number;
}

interface StatusRow extends RowDataPacket {
  Slave_IO_Running: string;
  Slave_SQL_Running: string;
  Last_Errno: number;
  Last_IO_Errno: number;
  Last_Error: string;
  Last_IO_Error: string;
  Seconds_Behind_Master: number | string | null;
}

/** Asks the replica of a stack. Never rejects. */
export async function readReplication(plan: Plan): Promise<Replication> {
  try {
    return replicationOf(await atReplica(plan, readStatus));
  } catch (error) {
    return { answers: false, trouble: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * Makes the replica follow the primary, and waits until it has caught up. A replica that never
 * followed, or cannot go on, gets a copy of the catalogue first. May run again after a crash. Gives
 * a note for the operator.
 */
export async function followPrimary(plan: Plan, signal: AbortSignal): Promise<string> {
  const status = await atReplica(plan, readStatus);
  const goesOn = status !== undefined && (await resume(plan, signal));
  if (goesOn) return "";
  await copyPrimary(plan, signal);
  if (!(await resume(plan, signal)))
    throw new StackError(`mysql-replica: ${(await readReplication(plan)).trouble}`);
  return "copied from the primary";
}

/**
 * Starts the replication, and waits until the replica has all that the primary has now. False where
 * it ends with an error, or is not set up.
 */
async function resume(plan: Plan, signal: AbortSignal): Promise<boolean> {
  const [[primary]] = await at(plan, "mysql", (connection) =>
    connection.query<RowDataPacket[]>("SELECT @@gtid_binlog_pos AS place"),
  );
  const place = String(primary?.["place"] ?? "");
  await atReplica(plan, (connection) => connection.query("START SLAVE"));
  const endsAtMs = performance.now() + FOLLOWS_WITHIN_MS;
  while (performance.now() < endsAtMs) {
    const status = await atReplica(plan, readStatus);
    if (!status || Number(status.Last_Errno) > 0 || isGone(status)) return false;
    const follows = replicationOf(status).trouble === undefined;
    if (follows && (await hasReached(plan, place))) return true;
    signal.throwIfAborted();
    await Bun.sleep(POLL_MS);
  }
  return false;
}

async function hasReached(plan: Plan, place: string): Promise<boolean> {
  const [[row]] = await atReplica(plan, (connection) =>
    connection.query<RowDataPacket[]>("SELECT MASTER_GTID_WAIT(?, 0.2) AS late", [place]),
  );
  return Number(row?.["late"]) === 0;
}

/** The primary no longer has the log that the replica needs. */
function isGone({ Last_IO_Errno }: StatusRow): boolean {
  return [1_236, 1_593].includes(Number(Last_IO_Errno));
}

/** Copies the catalogue, with the place in the primary's log from which to follow. */
async function copyPrimary(plan: Plan, signal: AbortSignal): Promise<void> {
  const primary = { host: "127.0.0.1", port: portOf(plan.basePort, "mysql") };
  await atReplica(plan, async (connection) => {
    await connection.query("STOP SLAVE");
    await connection.query("RESET SLAVE ALL");
    await connection.query(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`);
    await connection.query(
      `CHANGE MASTER TO MASTER_HOST='${primary.host}', MASTER_PORT=${primary.port},
         MASTER_USER='${USER}', MASTER_PASSWORD='${plan.secrets.mysqlPassword}',
         MASTER_CONNECT_RETRY=1, MASTER_USE_GTID=slave_pos`,
    );
  });
  const client = (port: number) =>
    `--no-defaults --host=${primary.host} --port=${port} --user=${USER}`;
  const how = "--single-transaction --master-data=1 --gtid";
  const dump = `${programs.mariadbDump} ${client(primary.port)} ${how} ${DATABASE}`;
  const replicaPort = portOf(plan.basePort, "mysql-replica");
  const load = `${programs.mariadbClient} ${client(replicaPort)} ${DATABASE}`;
  const command: [string, ...string[]] = ["/bin/bash", "-c", `set -o pipefail; ${dump} | ${load}`];
  // The password is in the environment: every user of the machine can read arguments.
  const env = { PATH: "/usr/bin:/bin", MYSQL_PWD: plan.secrets.mysqlPassword };
  const cwd = join(paths.data(plan.dir, "mysql-replica"));
  await runTool({ command, env, cwd }, { log: paths.log(plan.dir, "mysql-replica"), signal });
}

function atReplica<T>(plan: Plan, work: (connection: Connection) => Promise<T>): Promise<T> {
  return at(plan, "mysql-replica", work);
}

async function at<T>(
  plan: Plan,
  server: "mysql" | "mysql-replica",
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await mysql.createConnection({
    host: "127.0.0.1",
    port: portOf(plan.basePort, server),
    user: USER,
    password: plan.secrets.mysqlPassword,
    connectTimeout: WITHIN_MS,
  });
  connection.on("error", () => undefined);
  try {
    return await work(connection);
  } finally {
    connection.destroy();
  }
}

async function readStatus(connection: Connection): Promise<StatusRow | undefined> {
  const [[row]] = await connection.query<StatusRow[]>({
    sql: "SHOW SLAVE STATUS",
    timeout: WITHIN_MS,
  });
  return row;
}

function replicationOf(row: StatusRow | undefined): Replication {
  if (!row) return { answers: true, trouble: "it follows no primary yet" };
  const runs = row.Slave_IO_Running === "Yes" && row.Slave_SQL_Running === "Yes";
  const behind = row.Seconds_Behind_Master;
  if (runs && behind !== null) return { answers: true, behindSeconds: Number(behind) };
  const why = row.Last_Error || row.Last_IO_Error || "it does not follow its primary";
  return { answers: true, trouble: why };
}
