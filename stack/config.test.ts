import { expect, test } from "bun:test";
import { isReplaced, readConfig } from "./config.ts";
import { ROOT } from "./layout.ts";

test("without any setting it is .stack in the source tree, with no server of anybody else", () => {
  expect(readConfig({})).toEqual({
    dir: `${ROOT}/.stack`,
    basePort: undefined,
    partitions: undefined,
    external: {},
    inherited: {},
  });
});

test("servers that the environment names are external; an empty name is none", () => {
  const environment = {
    UPSTASH_REDIS_REST_URL: "https://redis.example.invalid",
    UPSTASH_REDIS_REST_TOKEN: "token",
    MYSQL_URL: "mysql://u:p@db.example.invalid/lectern",
    PEOPLE_MYSQL_URL: "mysql://people.example.invalid/people",
    ZOOKEEPER_URL: "zk1:2181,zk2:2181/lectern",
    RABBITMQ_URL: "",
  };
  expect(readConfig(environment).external).toEqual({
    redis: { url: "https://redis.example.invalid", token: "token" },
    databases: {
      booking: "mysql://u:p@db.example.invalid/lectern",
      catalogue: "mysql://u:p@db.example.invalid:3306/lectern_catalogue",
      people: "mysql://people.example.invalid/people",
    },
    zookeeper: "zk1:2181,zk2:2181/lectern",
  });
});

test("one schema on a server that exists leaves the others on the stack's own", () => {
  const CATALOGUE_MYSQL_URL = "mysql://db.example.invalid/c";
  const { external } = readConfig({ CATALOGUE_MYSQL_URL });
  expect(external).toEqual({ databases: { catalogue: CATALOGUE_MYSQL_URL } });
  expect(isReplaced("mysql", external)).toBe(false);
});

test("a Redis address without its token is refused", () => {
  expect(() => readConfig({ UPSTASH_REDIS_REST_URL: "http://127.0.0.1:1" })).toThrow(
    "belong together",
  );
});

test("wrong settings are all named, and no value is shown", () => {
  const environment = {
    LECTERN_PORT: "80",
    MYSQL_URL: "postgres://u:hunter2@db/x",
    ZOOKEEPER_URL: "no-port",
  };
  let message = "";
  try {
    readConfig(environment);
  } catch (error) {
    message = String(error);
  }
  for (const name of Object.keys(environment)) expect(message).toContain(name);
  expect(message).not.toContain("hunter2");
});

test("npm's own variables do not reach the services", () => {
  expect(readConfig({ npm_config_x: "1", LOG_LEVEL: "debug" }).inherited).toEqual({
    LOG_LEVEL: "debug",
  });
});
