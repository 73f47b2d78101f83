import { expect, test } from "bun:test";
import { createClient } from "node-zookeeper-client";
import { encodeMulti, type MultiOperation } from "./multi.ts";
import { connectionManagerOf } from "./zookeeper-internals.ts";

/**
 * The library's own request: its transaction, as it stands in the queue of a client that never
 * connects.
 */
function byTheLibrary(operations: readonly MultiOperation[]): Buffer {
  const client = createClient("127.0.0.1:1");
  const transaction = client.transaction();
  for (const operation of operations) {
    if ("create" in operation) transaction.create(operation.create, operation.data);
    else transaction.remove(operation.remove);
  }
  transaction.commit(() => {});
  const { packetQueue } = connectionManagerOf(client) as unknown as Queue;
  const [packet] = packetQueue.queue;
  if (!packet) throw new Error("the library has queued nothing");
  packet.request.header.xid = XID;
  return packet.request.toBuffer();
}

interface Queue {
  packetQueue: { queue: { request: { header: { xid: number }; toBuffer(): Buffer } }[] };
}

const XID = 77;

test("the bytes are those of the library", () => {
  const data = Buffer.from('{"kind":"reserve"}');
  const operations: MultiOperation[] = [
    { create: "/pending/ef/1-00ef", data },
    { remove: "/pending/ef/1-00ef.cancel" },
    { create: "/讲座/α", data: Buffer.from("讲座") },
    { create: "/empty", data: Buffer.alloc(0) },
  ];
  for (const some of [operations, operations.slice(0, 1), operations.slice(1, 2)])
    expect(encodeMulti(XID, some).toString("hex")).toBe(byTheLibrary(some).toString("hex"));
});
