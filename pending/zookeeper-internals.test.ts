import { expect, test } from "bun:test";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import { createClient, Exception } from "node-zookeeper-client";
import { addressOf } from "../test/servers.ts";
import { endClient } from "./end-client.ts";
import { encodeMulti } from "./multi.ts";
import { MultiAnswer } from "./multi-answer.ts";
import { CLOSED, connectionManagerOf, LibraryAnswer } from "./zookeeper-internals.ts";

const library = createRequire(import.meta.url);

async function connected() {
  const client = createClient(addressOf("ZOOKEEPER_URL").replace(/\/.*/, ""));
  const isConnected = new Promise<void>((resolve) => client.once("connected", resolve));
  client.connect();
  await isConnected;
  return client;
}

test("a client shows its connection's state, its socket and its connect timer", async () => {
  const { STATES } = library("node-zookeeper-client/lib/ConnectionManager.js");
  expect(STATES.CLOSED).toBe(CLOSED);
  const client = await connected();
  const manager = connectionManagerOf(client);
  expect(manager.state).toBe(STATES.CONNECTED);
  expect(manager.socket).toBeInstanceOf(Socket);
  expect(manager).toHaveProperty("connectTimeoutHandler");
  await endClient(client, 1_000);
  expect(manager.state).toBe(CLOSED);
  expect(manager.socket?.destroyed).toBe(true);
});

test("our own requests are numbered, sent, and answered with the given class", async () => {
  const client = await connected();
  const numbers: number[] = [];
  for (const _ of [1, 2]) {
    const header = { type: 14, xid: -1 };
    const toBuffer = () => encodeMulti(header.xid, [{ remove: `/missing-${crypto.randomUUID()}` }]);
    const payload = await new Promise<unknown>((resolve, reject) =>
      connectionManagerOf(client).queue({ header, payload: null, toBuffer }, (error, answer) =>
        error ? reject(error) : resolve(answer.payload),
      ),
    );
    expect(payload).toBeInstanceOf(MultiAnswer);
    expect((payload as MultiAnswer).failedWith()).toBe(Exception.NO_NODE);
    numbers.push(header.xid);
  }
  await endClient(client, 1_000);
  expect(numbers).toEqual([0, 1]);
});

test("the library's own class of a multi's answer has all that the connection calls", () => {
  expect(LibraryAnswer.name).toBe("TransactionResponse");
  const answer = new LibraryAnswer();
  expect(answer.results).toEqual([]);
  expect([typeof answer.setChrootPath, typeof answer.deserialize]).toEqual([
    "function",
    "function",
  ]);
});
