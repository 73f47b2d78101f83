import { openRedisSocket, type RedisSocketOptions } from "./redis-socket.ts";
import { encodeCommand, ProtocolError, type RedisCommand, type Reply } from "./resp.ts";
import { Unavailable } from "./unavailable.ts";

export interface RedisConnectionOptions extends Omit<RedisSocketOptions, "onReply" | "onEnd"> {
  /** how long a command may wait for its reply, in milliseconds */
  commandTimeoutMs: number;
  /** commands sent and not yet answered; further commands are refused at once */
  maxInFlight: number;
  /** bytes that wait to be sent; further commands are refused at once */
  maxUnsentBytes: number;
}

export interface RedisConnection {
  /**
   * Runs commands in this order, without commands of other callers between them. Gives their
   * replies; error replies are values. Rejects with Unavailable.
   */
  send(commands: readonly RedisCommand[]): Promise<Reply[]>;
  /** Ends the connection at once. Commands in flight reject with UNKNOWN. */
  end(reason: string): void;
  /** Resolves with the reason when the connection has ended. */
  ended: Promise<string>;
}

/** One caller. Its missing replies are the next ones after those of the callers before it. */
interface Waiter {
  replies: Reply[];
  expected: number;
  deadlineMs: number;
  resolve(replies: Reply[]): void;
  reject(error: Unavailable): void;
  next: Waiter | undefined;
}

/**
 * Opens a connection that all callers share. Commands of one turn of the event loop leave in one
 * write. Replies find their caller by position, so an overdue reply delays every later one and ends
 * the connection. Rejects when the connection cannot be opened.
 */
export async function openRedisConnection(
  options: RedisConnectionOptions,
): Promise<RedisConnection> {
  const ended = Promise.withResolvers<string>();
  let first: Waiter | undefined;
  let last: Waiter | undefined;
  let inFlight = 0;
  let wire = "";
  let endReason: string | undefined;
  const socket = await openRedisSocket({ ...options, onReply, onEnd });
  const overdueTimer = setInterval(endWhenOverdue, Math.max(5, options.commandTimeoutMs / 20));

  function send(commands: readonly RedisCommand[]): Promise<Reply[]> {
    const refusal = refusalFor(commands.length);
    if (refusal) return Promise.reject(new Unavailable("NOTSENT", 503, refusal));
    if (wire === "") setImmediate(flush);
    for (const command of commands) wire += encodeCommand(command);
    inFlight += commands.length;
    return new Promise((resolve, reject) => {
      const deadlineMs = Date.now() + options.commandTimeoutMs;
      enqueue({
        replies: [],
        expected: commands.length,
        deadlineMs,
        resolve,
        reject,
        next: undefined,
      });
    });
  }

  function refusalFor(count: number): string | undefined {
    if (endReason !== undefined) return endReason;
    if (inFlight + count > options.maxInFlight) return "too many commands in flight";
    if (wire.length + socket.unsentBytes() > options.maxUnsentBytes)
      return "too many bytes in flight";
    return undefined;
  }

  function enqueue(waiter: Waiter) {
    if (last === undefined) first = waiter;
    else last.next = waiter;
    last = waiter;
  }

  function flush() {
    socket.write(wire);
    wire = "";
  }

  function onReply(reply: Reply) {
    const waiter = first;
    if (waiter === undefined) throw new ProtocolError("a reply came without a command");
    inFlight--;
    waiter.replies.push(reply);
    if (waiter.replies.length < waiter.expected) return;
    first = waiter.next;
    if (first === undefined) last = undefined;
    waiter.resolve(waiter.replies);
  }

  function endWhenOverdue() {
    if (first !== undefined && first.deadlineMs <= Date.now()) socket.end("a reply is overdue");
  }

  function onEnd(reason: string) {
    endReason = reason;
    clearInterval(overdueTimer);
    const nowMs = Date.now();
    for (let waiter = first; waiter !== undefined; waiter = waiter.next) {
      const status = waiter.deadlineMs <= nowMs ? 504 : 503;
      waiter.reject(new Unavailable("UNKNOWN", status, `the command may have run: ${reason}`));
    }
    first = undefined;
    last = undefined;
    wire = "";
    ended.resolve(reason);
  }

  return { send, end: socket.end, ended: ended.promise };
}
