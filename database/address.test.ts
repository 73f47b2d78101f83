import { expect, test } from "bun:test";
import { connectionOptions, databaseUrl, faultOfDatabaseUrl, readDatabaseUrl } from "./address.ts";

test("an address is read whole, with what is escaped in it", () => {
  expect(readDatabaseUrl("mysql://us%40er:p%2Fw@[::1]:3307/lec%20tern")).toEqual({
    host: "::1",
    port: 3307,
    user: "us@er",
    password: "p/w",
    database: "lec tern",
    tls: "off",
  });
  expect(readDatabaseUrl("mariadb://u:p@db/x")).toMatchObject({
    host: "db",
    port: 3306,
    database: "x",
  });
});

test.each([
  ["tls=true", "tls=true", { rejectUnauthorized: true, verifyIdentity: true }],
  ["tls=skip-verify", "tls=skip-verify", { rejectUnauthorized: false, verifyIdentity: false }],
  ["ssl-mode=VERIFY_IDENTITY", "tls=true", { rejectUnauthorized: true, verifyIdentity: true }],
  ["ssl-mode=REQUIRED", "tls=skip-verify", { rejectUnauthorized: false, verifyIdentity: false }],
  ["ssl-mode=disabled", "", undefined],
])("%s reaches both drivers, each in its own form", (given, toDbmate, toMysql2) => {
  const address = readDatabaseUrl(`mysql://u%3A:p%40@db.example.invalid/x?${given}`);
  expect(databaseUrl(address)).toBe(
    `mysql://u%3A:p%40@db.example.invalid:3306/x${toDbmate && `?${toDbmate}`}`,
  );
  expect(connectionOptions(address)).toMatchObject({ user: "u:", password: "p@" });
  expect(connectionOptions(address).ssl).toEqual(toMysql2);
});

test.each([
  ["mysql://u:hunter2@db", "names no database"],
  ["mysql://u:hunter2@db/", "names no database"],
  ["mysql://u:hunter2@db/a/b", "with a slash"],
  ["postgres://u:hunter2@db/x", "not of the form mysql://"],
  ["mysql:hunter2", "not of the form mysql://"],
  ["mysql://u:hunter2@db:port/x", "not of the form mysql://"],
  ["mysql://u:hunter2%zz@db/x", "%25"],
  ['mysql://u:hunter2@db/x?ssl={"rejectUnauthorized":true}', "no parameter but tls"],
  ["mysql://u:hunter2@db/x?tls=hunter2", "tls is one of true, skip-verify, false"],
])("%s is refused for what is wrong with it, without a word of it", (url, why) => {
  expect(faultOfDatabaseUrl(url)).toContain(why);
  expect(faultOfDatabaseUrl(url)).not.toContain("hunter2");
});
