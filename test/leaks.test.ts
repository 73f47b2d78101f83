import { expect, test } from "bun:test";
import { connect, createServer } from "node:net";
import { newHandles, openHandles, serverPortsOf } from "./leaks.ts";
import { eventually } from "./servers.ts";

test("the servers' ports are the environment's, several and chroots included", () => {
  const ports = serverPortsOf({
    RABBITMQ_URL: "amqp://user:99@127.0.0.1:5672/rooms",
    BOOKING_MYSQL_URL: "mysql://u:p@127.0.0.1:3306/lectern",
    ZOOKEEPER_URL: "zk1:2181,zk2:2182/rooms",
    REDIS_URL: "redis://127.0.0.1:6379",
    ORIGIN_URL: "http://127.0.0.1:8788",
  });
  expect([...ports.keys()].sort()).toEqual([2181, 2182, 3306, 5672, 6379]);
});

test("a connection to a server and a listening socket are seen until they are closed", async () => {
  const before = openHandles(new Map());
  const server = createServer((socket) => socket.on("error", () => undefined));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const ports = new Map([[port, "A SERVER"]]);
  const client = connect(port, "127.0.0.1");
  await new Promise<void>((resolve) => client.once("connect", () => resolve()));
  expect(newHandles(before, openHandles(ports)).sort()).toEqual([
    `a connection to A SERVER (port ${port})`,
    `listens on port ${port}`,
  ]);
  client.destroy();
  server.close();
  await eventually(
    "both are gone",
    async () => newHandles(before, openHandles(ports)).length === 0,
  );
});

test("a child process is seen until it has ended", async () => {
  const before = openHandles(new Map());
  const child = Bun.spawn(["sleep", "60"]);
  expect(newHandles(before, openHandles(new Map()))).toEqual([
    `the child process ${child.pid}: sleep 60`,
  ]);
  child.kill();
  await child.exited;
  expect(newHandles(before, openHandles(new Map()))).toEqual([]);
});
