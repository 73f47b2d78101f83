import type { Socket } from "bun";
import type { RedisAddress } from "./redis-address.ts";
import {
  createReplyParser,
  encodeCommand,
  ProtocolError,
  type RedisCommand,
  RedisError,
  type Reply,
} from "./resp.ts";

export interface RedisSocketOptions {
  address: RedisAddress;
  /** from the first packet to the answered greeting, in milliseconds */
  connectTimeoutMs: number;
  /** the largest reply, in bytes */
  maxReplyBytes: number;
  /**
   * called for every reply after the greeting, in the order of Redis; an error thrown here ends the
   * socket
   */
  onReply(reply: Reply): void;
  /** called once, when an open socket has ended for any reason; no call follows */
  onEnd(reason: string): void;
}

export interface RedisSocket {
  /** Sends binary text (see resp.ts). Bytes that the kernel does not take wait in `unsentBytes`. */
  write(wire: string): void;
  /** bytes that wait for the kernel */
  unsentBytes(): number;
  /** Ends the socket at once. `onEnd` gets the reason. */
  end(reason: string): void;
}

/** Detects a silent peer that has gone: a subscription may never write. In milliseconds. */
const KEEP_ALIVE_MS = 10_000;

/**
 * Opens one connection: signs in, selects the database and waits for PONG. An open socket therefore
 * answers commands; a Redis that is loading its data does not. Rejects with the reason and leaves
 * nothing open.
 */
export async function openRedisSocket(options: RedisSocketOptions): Promise<RedisSocket> {
  const greeting = greetingFor(options.address);
  const parser = createReplyParser(options.maxReplyBytes);
  const greeted = Promise.withResolvers<void>();
  const unsent: Buffer[] = [];
  let unsentBytes = 0;
  let greetingsLeft = greeting.length;
  let isOpen = false;
  let endReason: string | undefined;
  let raw: Socket | undefined;

  function end(reason: string) {
    if (endReason !== undefined) return;
    endReason = reason;
    clearTimeout(connectTimer);
    raw?.terminate();
    if (isOpen) options.onEnd(reason);
    else greeted.reject(new Error(reason));
  }

  function take(chunk: Buffer) {
    try {
      parser.push(chunk);
      for (let reply = parser.next(); reply !== undefined; reply = parser.next()) {
        if (endReason !== undefined) return;
        if (isOpen) options.onReply(reply);
        else takeGreeting(reply);
      }
    } catch (error) {
      end(messageOf(error));
    }
  }

  function takeGreeting(reply: Reply) {
    if (reply instanceof RedisError) throw new ProtocolError(reply.message);
    if (greetingsLeft === 0) throw new ProtocolError("a reply came without a command");
    greetingsLeft--;
    if (greetingsLeft === 0) greeted.resolve();
  }

  function write(wire: string) {
    const left = unsent.length === 0 ? sendAscii(wire) : wire;
    if (left === "") return;
    const bytes = Buffer.from(left, "latin1");
    unsent.push(bytes);
    unsentBytes += bytes.length;
    if (unsent.length === 1) sendUnsent();
  }

  /**
   * Sends ASCII, as nearly all text is, without copying it. Gives the part that the kernel did not
   * take.
   */
  function sendAscii(wire: string): string {
    if (!raw || Buffer.byteLength(wire) !== wire.length) return wire;
    return wire.slice(Math.max(0, raw.write(wire)));
  }

  /** Gives the kernel as much as it takes. The rest waits for the next `drain`. */
  function sendUnsent() {
    for (let bytes = unsent[0]; raw && bytes; bytes = unsent[0]) {
      const sent = Math.max(0, raw.write(bytes));
      unsentBytes -= sent;
      if (sent < bytes.length) {
        unsent[0] = bytes.subarray(sent);
        return;
      }
      unsent.shift();
    }
  }

  const connectTimer = setTimeout(
    () => end("no answer while connecting"),
    options.connectTimeoutMs,
  );
  Bun.connect({
    hostname: options.address.host,
    port: options.address.port,
    socket: {
      open(socket) {
        if (endReason !== undefined) return void socket.terminate();
        raw = socket;
        socket.setNoDelay(true);
        socket.setKeepAlive(true, KEEP_ALIVE_MS);
        write(greeting.map(encodeCommand).join(""));
      },
      data: (_, chunk) => take(chunk),
      drain: sendUnsent,
      close: () => end("the connection closed"),
      error: (_, error) => end(messageOf(error)),
      connectError: (_, error) => end(messageOf(error)),
    },
  }).catch((error) => end(messageOf(error)));

  await greeted.promise;
  clearTimeout(connectTimer);
  if (endReason !== undefined) throw new Error(endReason);
  isOpen = true;
  return { write, end, unsentBytes: () => unsentBytes };
}

function greetingFor(address: RedisAddress): RedisCommand[] {
  const greeting: RedisCommand[] = [];
  if (address.user !== "") greeting.push(["AUTH", address.user, address.password]);
  else if (address.password !== "") greeting.push(["AUTH", address.password]);
  if (address.database !== 0) greeting.push(["SELECT", String(address.database)]);
  greeting.push(["PING"]);
  return greeting;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
