import mysql, { type Connection } from "mysql2/promise";
import {
  connectionOptions,
  type DatabaseAddress,
  readDatabaseUrl,
} from "../../database/address.ts";
import { proveDatabase } from "../../database/prove.ts";
import type { Schema } from "../../database/schemas.ts";
import { final, passing, type Trouble } from "../trouble.ts";
import { PROBE_WITHIN_MS, saying, troubleOfTheWay } from "./connecting.ts";

/** Errors by number. MySQL and MariaDB share all numbers but the last. */
const NO_SUCH_TABLE = 1146;
const NO_SUCH_DATABASE = 1049;
const FINAL: Record<number, (said: string, address: DatabaseAddress) => string> = {
  1045: notLetIn,
  1698: notLetIn,
  1044: () => "the user may not use this database, nor make it if it is missing",
  1142: (said) => `the user has not all the rights it needs: ${said}`,
  1227: (said) => `the user has not all the rights it needs: ${said}`,
  1130: () => "it lets nobody in from this machine",
  1251: (said) => said,
  1290: () => "it is read-only",
  1836: () => "it is read-only",
  3159: () => "it takes connections by TLS only: add ?tls=true",
  4152: () => "it takes connections by TLS only: add ?tls=true",
};

/**
 * Whether the server lets us in and writes into the schema as Lectern does. A missing database or
 * table is no trouble here: the migrations make it.
 */
export async function probeMysql(url: string, schema: Schema): Promise<Trouble | undefined> {
  return ask(url, async (connection, { database }) => {
    await connection.query({ sql: "USE ??", values: [database], timeout: PROBE_WITHIN_MS });
    await proveDatabase(connection, PROBE_WITHIN_MS, schema);
  });
}

/** Whether a foreign server lets us in and has our database. A missing database is created. */
export async function probeForeignMysql(url: string, schema: Schema): Promise<Trouble | undefined> {
  const made = await ask(url, async (connection, { database }) => {
    const sql = "CREATE DATABASE IF NOT EXISTS ??";
    const use = { sql: "USE ??", values: [database], timeout: PROBE_WITHIN_MS };
    await connection.query(use).catch(async (error: unknown) => {
      if (numberOf(error) !== NO_SUCH_DATABASE) throw error;
      await connection.query({ ...use, sql });
    });
  });
  return made ?? (await probeMysql(url, schema));
}

async function ask(
  url: string,
  work: (connection: Connection, address: DatabaseAddress) => Promise<void>,
): Promise<Trouble | undefined> {
  const address = readDatabaseUrl(url);
  let connection: Connection | undefined;
  try {
    connection = await mysql.createConnection({
      ...connectionOptions(address),
      connectTimeout: PROBE_WITHIN_MS,
    });
    connection.on("error", () => undefined);
    await work(connection, address);
    await connection.end();
    return undefined;
  } catch (error) {
    connection?.destroy();
    return troubleOf(error, address);
  }
}

function troubleOf(error: unknown, address: DatabaseAddress): Trouble | undefined {
  const number = numberOf(error);
  if (number === NO_SUCH_DATABASE || number === NO_SUCH_TABLE) return undefined;
  const refusal = number === undefined ? undefined : FINAL[number];
  if (refusal) return final(refusal(saying(error), address));
  if (/HANDSHAKE_NO_SSL_SUPPORT/.test(String((error as { code?: unknown }).code)))
    return final("it does not speak TLS: leave out ?tls");
  return troubleOfTheWay(error) ?? passing(saying(error));
}

/** MariaDB gives the same error to a client without TLS where it requires TLS. */
function notLetIn(_: string, { tls }: DatabaseAddress): string {
  const reasons = "user or password are wrong, or the user may not come from here";
  return tls === "off" ? `${reasons}, or not without TLS (?tls=true)` : reasons;
}

function numberOf(error: unknown): number | undefined {
  const { errno } = Object(error) as { errno?: unknown };
  return typeof errno === "number" && errno > 0 ? errno : undefined;
}
