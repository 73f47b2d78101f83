import { afterAll, beforeAll, expect, test } from "bun:test";
import type { RowDataPacket } from "mysql2/promise";
import { type Database, openDatabase } from "../database/pool.ts";
import { type PrivateReplica, startPrivateReplica } from "../test/private/private-replica.ts";
import { eventually } from "../test/servers.ts";
import { followPrimary, readReplication } from "./replication.ts";
import { NEVER } from "./stack-for-test.ts";

let servers: PrivateReplica;
let primary: Database;
let replica: Database;

beforeAll(async () => {
  servers = await startPrivateReplica();
  const open = (url: string) => openDatabase({ url, connections: 1, acquireTimeoutMs: 5_000 });
  primary = open(servers.urls.catalogue);
  replica = open(servers.replicaUrl);
});
afterAll(async () => {
  await Promise.all([primary.close(), replica.close()]);
  await servers.remove();
});

const addHost = (id: string) =>
  primary.withConnection((connection) =>
    connection.query("INSERT INTO host (id, name, created_at) VALUES (?, ?, NOW(3))", [id, id]),
  );

const hasHost = (id: string) =>
  eventually(`the replica has the host ${id}`, () =>
    replica.withConnection(async (connection) => {
      const [rows] = await connection.query<RowDataPacket[]>("SELECT id FROM host WHERE id = ?", [
        id,
      ]);
      return rows.length === 1;
    }),
  );

test("a replica follows the catalogue, and nobody writes there", async () => {
  await addHost("one");
  await hasHost("one");
  expect(await readReplication(servers.plan)).toEqual({ answers: true, behindSeconds: 0 });
  const write = replica.withConnection((connection) => connection.query("DELETE FROM host"));
  await expect(write).rejects.toThrow();
});

test("a replica that was stopped goes on from where it was", async () => {
  await servers.atReplica("STOP SLAVE");
  expect((await readReplication(servers.plan)).trouble).toContain("does not follow");
  await addHost("two");
  expect(await followPrimary(servers.plan, NEVER)).toBe("");
  await hasHost("two");
});

test.each([
  ["that lost its place", "RESET SLAVE ALL"],
  ["whose data differ", "INSERT INTO lectern_catalogue.host VALUES ('three', 'other', NOW(3))"],
])("a replica %s gets a copy of the catalogue", async (_, statement) => {
  await servers.atReplica("STOP SLAVE");
  await servers.atReplica(statement);
  await addHost(statement.startsWith("INSERT") ? "three" : "four");
  expect(await followPrimary(servers.plan, NEVER)).toBe("copied from the primary");
  await hasHost(statement.startsWith("INSERT") ? "three" : "four");
  expect((await readReplication(servers.plan)).trouble).toBeUndefined();
});
