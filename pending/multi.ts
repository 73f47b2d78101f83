import type { Client, Exception } from "node-zookeeper-client";
import { MultiAnswer } from "./multi-answer.ts";
import { connectionManagerOf } from "./zookeeper-internals.ts";

/**
 * One operation of a `multi`: the creation of a persistent node open to everybody, or the removal
 * of a node of any version.
 */
export type MultiOperation = { create: string; data: Buffer } | { remove: string };

const OP = { create: 1, remove: 2, multi: 14 } as const;
const ANY_VERSION = -1;
const PERSISTENT = 0;
/** One entry: all permissions for the scheme `world` and its only id, `anyone`. */
const OPEN_TO_ALL = Buffer.from("\0\0\0\x01\0\0\0\x1f\0\0\0\x05world\0\0\0\x06anyone", "latin1");
/** `type`, `done`, `err`: before every operation, and once after the last. */
const OPERATION_HEAD_BYTES = 9;
/** The length of the rest, the number of the request, its type. */
const REQUEST_HEAD_BYTES = 12;

/**
 * Commits the operations as one `multi`. `onAnswer` gets the code of the failed operation, 0 if
 * none failed, or the error of a lost connection.
 *
 * The library sends the request and receives its answer; only encoding and decoding happen here.
 * The library's own transaction encodes its records field by field from specifications, twice over.
 * For a hundred nodes that takes longer than ZooKeeper takes to store them.
 */
export function commitMulti(
  client: Client,
  operations: readonly MultiOperation[],
  onAnswer: (error: Error | Exception | null, failedWith: number) => void,
): void {
  const header = { type: OP.multi, xid: 0 };
  const toBuffer = () => encodeMulti(header.xid, operations);
  connectionManagerOf(client).queue({ header, payload: null, toBuffer }, (error, answer) => {
    if (error) return onAnswer(error, 0);
    const { payload } = answer;
    if (payload instanceof MultiAnswer) onAnswer(null, payload.failedWith());
    else onAnswer(new Error("the ZooKeeper library did not read a multi's answer as one"), 0);
  });
}

/** Encodes the request as it goes over the wire. */
export function encodeMulti(xid: number, operations: readonly MultiOperation[]): Buffer {
  const bytes = Buffer.allocUnsafe(REQUEST_HEAD_BYTES + bytesOf(operations));
  let at = 0;
  const int = (value: number) => {
    at = bytes.writeInt32BE(value, at);
  };
  const head = (type: number, done: boolean) => {
    int(type);
    bytes[at++] = done ? 1 : 0;
    int(-1);
  };
  const text = (value: string) => {
    const length = bytes.write(value, at + 4);
    int(length);
    at += length;
  };

  int(bytes.length - 4);
  int(xid);
  int(OP.multi);
  for (const operation of operations) {
    if ("create" in operation) {
      head(OP.create, false);
      text(operation.create);
      int(operation.data.length);
      at += operation.data.copy(bytes, at);
      at += OPEN_TO_ALL.copy(bytes, at);
      int(PERSISTENT);
    } else {
      head(OP.remove, false);
      text(operation.remove);
      int(ANY_VERSION);
    }
  }
  head(-1, true);
  return bytes;
}

function bytesOf(operations: readonly MultiOperation[]): number {
  let bytes = OPERATION_HEAD_BYTES;
  for (const operation of operations) {
    bytes += OPERATION_HEAD_BYTES + 4 + 4;
    if ("create" in operation)
      bytes += Buffer.byteLength(operation.create) + 4 + operation.data.length + OPEN_TO_ALL.length;
    else bytes += Buffer.byteLength(operation.remove);
  }
  return bytes;
}
