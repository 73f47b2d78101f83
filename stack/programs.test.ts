import { expect, test } from "bun:test";
import { urlsOfSchemas } from "../database/schemas.ts";
import { missingPackages, programs } from "./programs.ts";

const nothing = () => false;

test("on a bare machine every package is missing", () => {
  expect(missingPackages({}, nothing)).toEqual([
    "redis-server",
    "rabbitmq-server",
    "mariadb-server",
    "zookeeper",
    "default-jre-headless",
  ]);
});

test("only what is missing is installed", () => {
  const exists = (path: string) => path !== programs.java && path !== programs.epmd;
  expect(missingPackages({}, exists)).toEqual(["rabbitmq-server", "default-jre-headless"]);
});

test("nothing is installed for a server that exists elsewhere", () => {
  const external = { databases: urlsOfSchemas("mysql://db/lectern"), zookeeper: "zk:2181" };
  expect(missingPackages(external, nothing)).toEqual(["redis-server", "rabbitmq-server"]);
});
