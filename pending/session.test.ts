import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { type PrivateZooKeeper, privateZooKeeper } from "../test/private/private-zookeeper.ts";
import { addressOf, eventually } from "../test/servers.ts";
import { openZooKeeper, type ZooKeeperOptions, type ZooKeeperSession } from "./session.ts";
import { ZooKeeperError, type ZooKeeperErrorKind } from "./zookeeper-error.ts";

const shared = addressOf("ZOOKEEPER_URL");
const sessions: ZooKeeperSession[] = [];
let own: PrivateZooKeeper;

beforeAll(async () => {
  own = await privateZooKeeper();
  await own.start();
});
afterEach(async () => {
  own.thaw();
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});
afterAll(() => own.dispose());

function open(options: Partial<ZooKeeperOptions> & { servers: string }): ZooKeeperSession {
  const defaults = { sessionTimeoutMs: 3_000, operationTimeoutMs: 1_000, maxInFlight: 500 };
  const session = openZooKeeper({ ...defaults, ...options });
  sessions.push(session);
  return session;
}

async function openOwn(options: Partial<ZooKeeperOptions> = {}): Promise<ZooKeeperSession> {
  const session = open({ servers: own.address, ...options });
  expect(await session.connectedWithin(60_000)).toBe(true);
  return session;
}

async function kindOf(operation: Promise<unknown>): Promise<ZooKeeperErrorKind | "succeeded"> {
  try {
    await operation;
    return "succeeded";
  } catch (error) {
    if (error instanceof ZooKeeperError) return error.kind;
    throw error;
  }
}

test("a missing chroot is created, and everything happens below it", async () => {
  const chroot = `/${crypto.randomUUID()}/deep`;
  const session = open({ servers: `${shared.split("/")[0]}${chroot}` });
  expect(await session.connectedWithin(60_000)).toBe(true);
  expect(await session.create("/here")).toBe("created");
  const root = open({ servers: shared.split("/")[0] ?? "" });
  expect(await root.connectedWithin(60_000)).toBe(true);
  expect(await root.children(chroot)).toEqual(["here"]);
  expect(await session.children("/")).toEqual(["here"]);
});

test("the outcomes a caller expects are values", async () => {
  const session = await openOwn();
  const name = `/${crypto.randomUUID()}`;
  expect(await session.create(`${name}/child`)).toBe("no_parent");
  expect(await session.create(name, Buffer.from("data"))).toBe("created");
  expect(await session.create(name)).toBe("exists");
  expect((await session.read(name))?.data.toString()).toBe("data");
  expect(await session.createAll([{ path: `${name}/a`, data: Buffer.from("") }])).toBe("created");
  expect(await session.removeAll([`${name}/a`, `${name}/b`])).toBe("refused");
  expect(await session.exists(`${name}/a`)).toBe(true);
  expect(await session.remove(`${name}/a`)).toBe("removed");
  expect(await session.remove(`${name}/a`)).toBe("missing");
  expect(await session.read(`${name}/a`)).toBeUndefined();
  expect(await session.children(`${name}/a`)).toBeUndefined();
});

test("a refusal of ZooKeeper has its code", async () => {
  const session = await openOwn();
  const name = `/${crypto.randomUUID()}`;
  await session.create(name);
  await session.create(`${name}/child`);
  const refusal = await session.remove(name).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ kind: "refused", code: -111 });
});

test("over the cap an operation is refused as busy and the others are unharmed", async () => {
  const session = await openOwn({ maxInFlight: 3 });
  const name = `/${crypto.randomUUID()}`;
  const creates = Array.from({ length: 5 }, (_, index) =>
    kindOf(session.create(`${name}-${index}`)),
  );
  expect(await Promise.all(creates)).toEqual([
    "succeeded",
    "succeeded",
    "succeeded",
    "busy",
    "busy",
  ]);
  expect(await session.exists(`${name}-2`)).toBe(true);
  expect(await session.exists(`${name}-3`)).toBe(false);
});

test("operations on a silent server end as unknown; the session comes back by itself", async () => {
  const session = await openOwn({ operationTimeoutMs: 300 });
  own.freeze();
  const name = `/${crypto.randomUUID()}`;
  expect(await Promise.all([kindOf(session.create(name)), kindOf(session.exists(name))])).toEqual([
    "unknown",
    "unknown",
  ]);
  expect(session.connected()).toBe(false);
  expect(await kindOf(session.exists(name))).toBe("unavailable");
  own.thaw();
  expect(await session.connectedWithin(60_000)).toBe(true);
  expect(await kindOf(session.exists(name))).toBe("succeeded");
});

test("a silent server is noticed although nobody asks it anything", async () => {
  const session = await openOwn({ operationTimeoutMs: 300, sessionTimeoutMs: 1_500 });
  own.freeze();
  await eventually("the session knows it is cut off", async () => !session.connected());
});

test("after a restart the data is there, the listener called, nothing refused done", async () => {
  const session = await openOwn();
  const name = `/${crypto.randomUUID()}`;
  let renewals = 0;
  session.onRenewed(() => {
    renewals += 1;
  });
  await session.create(name);
  await own.kill();
  await eventually("the loss is noticed", async () => !session.connected());
  expect(await kindOf(session.create(`${name}-late`))).toBe("unavailable");
  await own.start();
  expect(await session.connectedWithin(60_000)).toBe(true);
  expect(renewals).toBe(1);
  expect(await session.exists(name)).toBe(true);
  expect(await session.exists(`${name}-late`)).toBe(false);
});

test("operations in flight when the server dies end as unknown", async () => {
  const session = await openOwn({ operationTimeoutMs: 10_000 });
  own.freeze();
  const operation = kindOf(session.exists("/"));
  await own.kill();
  expect(await operation).toBe("unknown");
  await own.start();
});

test("a worn connection is replaced without one operation failing", async () => {
  const session = await openOwn({ maxOperationsPerConnection: 25 });
  let renewals = 0;
  session.onRenewed(() => {
    renewals += 1;
  });
  await eventually("the connection was replaced several times", async () => {
    await Promise.all(Array.from({ length: 10 }, () => session.exists("/")));
    return renewals >= 3;
  });
});

test("close ends every socket, also to a server that accepts and never answers", async () => {
  const sockets = new Set<Socket>();
  let taken = 0;
  const silent = createServer((socket) => {
    taken += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    socket.resume();
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  const port = address && typeof address === "object" ? address.port : 0;
  const troubles: unknown[] = [];
  const session = open({
    servers: `127.0.0.1:${port}`,
    operationTimeoutMs: 100,
    onTrouble: (error) => troubles.push(error),
  });
  expect(await kindOf(session.exists("/"))).toBe("unavailable");
  await eventually("it gives up a handshake and tries another", async () => taken >= 3);
  expect(troubles[0]).toMatchObject({ kind: "unavailable" });
  await session.close();
  await eventually("the server sees all sockets closed", async () => sockets.size === 0);
  const takenBefore = taken;
  await new Promise<void>((resolve) => silent.close(() => resolve()));
  expect(taken).toBe(takenBefore);
});

test("close ends a session whose server is gone", async () => {
  const session = await openOwn();
  own.freeze();
  await session.close();
  own.thaw();
  expect(await kindOf(session.exists("/"))).toBe("unavailable");
  expect(await session.connectedWithin(50)).toBe(false);
});
