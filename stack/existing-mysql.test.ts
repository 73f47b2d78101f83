import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import mysql from "mysql2/promise";
import { connectionOptions, readDatabaseUrl } from "../database/address.ts";
import { urlsOfSchemas } from "../database/schemas.ts";
import { makeAuthority } from "./authority-for-test.ts";
import { stopStack } from "./down.ts";
import { externalServers, externalStep } from "./external-servers.ts";
import { portOf, ROOT } from "./layout.ts";
import { makePlan, type Plan } from "./plan.ts";
import { probeMysql } from "./probes/mysql.ts";
import { mysql as mysqlPart } from "./servers/mysql.ts";
import { NEVER, stackForTest } from "./stack-for-test.ts";
import { startPart } from "./start-part.ts";

/**
 * A foreign server: TLS only, with a private authority's certificate and accounts of several
 * rights.
 */
let config: Awaited<ReturnType<typeof stackForTest>>;
let plan: Plan;
let authority: ReturnType<typeof makeAuthority>;

beforeAll(async () => {
  config = await stackForTest();
  plan = makePlan(config);
  authority = makeAuthority(config.dir);
  const tls = [
    `--ssl-cert=${authority.certificate}`,
    `--ssl-key=${authority.key}`,
    `--ssl-ca=${authority.ca}`,
  ];
  const probe = () =>
    troubleOf(urlFor("lectern", plan.secrets.mysqlPassword, "lectern", "tls=skip-verify"));
  const prepare = async (...given: Parameters<typeof mysqlPart.prepare>) => {
    const launch = await mysqlPart.prepare(...given);
    appendFileSync(join(launch.cwd, "accounts.sql"), ACCOUNTS);
    launch.command.push(...tls, "--require-secure-transport=ON");
    return launch;
  };
  await startPart(plan, { ...mysqlPart, prepare, probe }, [], NEVER);
});
afterAll(async () => {
  await stopStack(config.dir, { wipe: false, hurry: NEVER, quietly: true });
  config.remove();
});
beforeEach(() => asAdministrator("SET GLOBAL read_only = 0"));

/** The rights that docs/existing-servers.md names. */
const NEEDED_RIGHTS = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX";

/**
 * The server's administrator and users of several rights. The server reads this line by line at
 * start.
 */
const ACCOUNTS = [
  "CREATE DATABASE IF NOT EXISTS theirs;",
  "CREATE DATABASE IF NOT EXISTS theirs_catalogue;",
  "CREATE DATABASE IF NOT EXISTS theirs_people;",
  "CREATE OR REPLACE USER administrator@'127.0.0.1' IDENTIFIED BY 'pw';",
  "GRANT ALL ON *.* TO administrator@'127.0.0.1';",
  "CREATE OR REPLACE USER stranger@'127.0.0.1' IDENTIFIED BY 'pw';",
  "CREATE OR REPLACE USER reader@'127.0.0.1' IDENTIFIED BY 'pw';",
  "GRANT SELECT ON `theirs%`.* TO reader@'127.0.0.1';",
  "CREATE OR REPLACE USER single@'127.0.0.1' IDENTIFIED BY 'pw';",
  `GRANT ${NEEDED_RIGHTS} ON theirs.* TO single@'127.0.0.1';`,
  "CREATE OR REPLACE USER owner@'127.0.0.1' IDENTIFIED BY 'pw';",
  `GRANT ${NEEDED_RIGHTS} ON \`theirs%\`.* TO owner@'127.0.0.1';`,
  "",
].join("\n");

async function asAdministrator(sql: string): Promise<void> {
  const url = urlFor("administrator", "pw", "theirs", "tls=skip-verify");
  const admin = await mysql.createConnection(connectionOptions(readDatabaseUrl(url)));
  await admin.query(sql);
  await admin.end();
}

function urlFor(user: string, password: string, database: string, parameters = ""): string {
  const port = portOf(plan.basePort, "mysql");
  return `mysql://${user}:${password}@127.0.0.1:${port}/${database}?${parameters}`;
}

/** The outcome of a start against the server, without a retry. */
async function troubleOf(url: string) {
  const [server] = externalServers({ ...plan, external: { databases: urlsOfSchemas(url) } });
  return await server?.prepare();
}

/**
 * Runs a start's steps in their own process, since Bun reads NODE_EXTRA_CA_CERTS at process start.
 */
async function start(url: string, authorities?: string): Promise<string> {
  const script = `
    const { probeForeignMysql } = await import("./stack/probes/mysql.ts");
    const { migrate } = await import("./stack/migrate.ts");
    const { openDatabase } = await import("./database/pool.ts");
    const { urlsOfSchemas } = await import("./database/schemas.ts");
    const url = ${JSON.stringify(url)};
    const trouble = await probeForeignMysql(url, "booking");
    const { signal } = new AbortController();
    if (!trouble) await migrate(${JSON.stringify(config.dir)}, urlsOfSchemas(url), signal);
    const database = openDatabase({ url, connections: 1, acquireTimeoutMs: 5_000 });
    const cipher = trouble ? [[{}]] : await database.withConnection((connection) =>
      connection.query("SHOW STATUS LIKE 'Ssl_version'"));
    console.log(trouble?.why ?? cipher[0][0].Value);
    process.exit();`;
  const env = { PATH: "/usr/bin:/bin", ...(authorities && { NODE_EXTRA_CA_CERTS: authorities }) };
  const child = Bun.spawn([process.execPath, "-e", script], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  return (await new Response(child.stdout).text()).trim();
}

test("one URL brings the schema and the services to a server that speaks TLS only", async () => {
  const url = (parameters: string) => urlFor("owner", "pw", "theirs", parameters);
  expect(await start(url("tls=true"), authority.ca)).toStartWith("TLSv1");
  expect(await start(url("ssl-mode=REQUIRED"))).toStartWith("TLSv1");
});

test.each([
  ["a server that takes TLS only", "owner", "theirs", "", "not without TLS (?tls=true)"],
  [
    "a certificate of an unknown authority",
    "owner",
    "theirs",
    "tls=true",
    "NODE_EXTRA_CA_CERTS names a file",
  ],
  ["a wrong password", "nobody", "theirs", "tls=skip-verify", "user or password are wrong"],
  ["a database that the user may not make", "owner", "missing", "tls=skip-verify", "nor make it"],
  [
    "a further schema's database that the user may not make",
    "single",
    "theirs",
    "tls=skip-verify",
    "its database for catalogue: the user may not use this database, nor make it",
  ],
  [
    "a database that the user may not use",
    "stranger",
    "theirs",
    "tls=skip-verify",
    "may not use this database",
  ],
])("%s is said at once", async (_, user, database, parameters, why) => {
  const url = urlFor(user, "pw", database, parameters);
  const [server] = externalServers({ ...plan, external: { databases: urlsOfSchemas(url) } });
  if (!server) throw new Error("unreachable");
  await expect(externalStep(server).run(NEVER)).rejects.toThrow(why);
  expect(await server.prepare()).toMatchObject({ isFinal: true });
});

test("a server that is read-only is not ready, though it answers", async () => {
  await start(urlFor("owner", "pw", "theirs", "tls=skip-verify"));
  await asAdministrator("SET GLOBAL read_only = 1");
  const trouble = await probeMysql(urlFor("owner", "pw", "theirs", "tls=skip-verify"), "booking");
  expect(trouble).toEqual({ why: "it is read-only", isFinal: true });
});

test("a user who may only read is told so once there is something to write", async () => {
  await start(urlFor("owner", "pw", "theirs", "tls=skip-verify"));
  const trouble = await troubleOf(urlFor("reader", "pw", "theirs", "tls=skip-verify"));
  expect(trouble).toMatchObject({
    why: expect.stringContaining("not all the rights"),
    isFinal: true,
  });
});
