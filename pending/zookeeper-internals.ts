// Reaches into node-zookeeper-client: its connection manager, and its class of a `multi`'s answer.
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import type { Client, Exception } from "node-zookeeper-client";

/** A request as the library's own encoder makes it, with every field that the connection reads. */
export interface Request {
  header: { type: number; xid: number };
  payload: null;
  toBuffer(): Buffer;
}

/** The library's connection, which its types leave out. */
interface ConnectionManager {
  queue(
    request: Request,
    onAnswer: (error: Error | Exception | null, answer: { payload: unknown }) => void,
  ): void;
  state: number;
  socket?: Socket;
  connectTimeoutHandler: ReturnType<typeof setTimeout> | null;
}

/** The `state` of a client that connects no more. */
export const CLOSED = -2;

export function connectionManagerOf(client: Client): ConnectionManager {
  return (client as unknown as { connectionManager: ConnectionManager }).connectionManager;
}

/** The holder for a `multi`'s answer: made for each answer, it reads the answer's bytes. */
export interface TransactionAnswer {
  results: unknown[];
  setChrootPath(path: string): void;
  deserialize(bytes: Buffer, at: number): number;
}

type TransactionAnswerClass = new () => TransactionAnswer;

/** The library's records, with which its connection reads answers; its types leave them out. */
const records = createRequire(import.meta.url)("node-zookeeper-client/lib/jute/index.js") as {
  TransactionResponse: TransactionAnswerClass;
};

/** The library's own class. */
export const LibraryAnswer = records.TransactionResponse;

/** Has every connection of this process read the answers to its `multi`s with another class. */
export function readAnswersWith(answerClass: TransactionAnswerClass): void {
  records.TransactionResponse = answerClass;
}
