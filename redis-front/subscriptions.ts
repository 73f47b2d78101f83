import { BadRequest, methodRefusal } from "./bad-request.ts";
import { createEventStream } from "./event-stream.ts";
import { openRedisSocket, type RedisSocket, type RedisSocketOptions } from "./redis-socket.ts";
import { pathArguments } from "./request-commands.ts";
import { encodeCommand, fromBinary, ProtocolError, type RedisCommand, type Reply } from "./resp.ts";
import { Unavailable } from "./unavailable.ts";

export interface SubscriptionOptions extends Omit<RedisSocketOptions, "onReply" | "onEnd"> {
  /** streams open at one time; further ones are refused at once */
  maxStreams: number;
  /** bytes that may wait for one slow reader; more bytes end its stream */
  maxUnreadBytes: number;
}

export interface Subscriptions {
  /**
   * Answers `/subscribe/<channel>…` and `/psubscribe/<pattern>…` with server-sent events. Each
   * event is one line, `data: kind,channel,text`; a pmessage has the pattern before the channel.
   * Rejects with BadRequest or Unavailable.
   */
  answer(request: Request): Promise<Response>;
  /** Ends every stream and opens no further ones. */
  close(): void;
}

/** Proxies such as nginx hold messages back until a buffer is full, unless a header forbids it. */
const STREAM_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
};

/** Streams of published messages. Each stream has its own Redis connection. */
export function createSubscriptions(options: SubscriptionOptions): Subscriptions {
  const sockets = new Set<RedisSocket>();
  let opening = 0;
  let isClosed = false;

  async function answer(request: Request): Promise<Response> {
    const command = readSubscription(request);
    if (isClosed) throw new Unavailable("NOTSENT", 503, "closing");
    if (sockets.size + opening >= options.maxStreams) {
      throw new Unavailable("NOTSENT", 503, "too many subscriptions");
    }
    opening++;
    const body = await openStream(command).finally(() => opening--);
    return new Response(body, { headers: STREAM_HEADERS });
  }

  async function openStream(command: RedisCommand): Promise<ReadableStream<Uint8Array>> {
    const stream = createEventStream({
      maxUnreadBytes: options.maxUnreadBytes,
      onLost: (reason) => socket.end(reason),
    });
    const socket = await open({
      onReply: (reply) => stream.send(eventData(reply)),
      onEnd() {
        sockets.delete(socket);
        stream.close();
      },
    }).catch((error) => {
      stream.close();
      throw error;
    });
    sockets.add(socket);
    if (isClosed) socket.end("closing");
    socket.write(encodeCommand(command));
    return stream.body;
  }

  async function open(on: Pick<RedisSocketOptions, "onReply" | "onEnd">): Promise<RedisSocket> {
    try {
      return await openRedisSocket({ ...options, ...on });
    } catch (error) {
      throw new Unavailable("NOTSENT", 503, `no connection to Redis: ${(error as Error).message}`);
    }
  }

  return {
    answer,
    close() {
      isClosed = true;
      for (const socket of sockets) socket.end("closing");
    },
  };
}

function readSubscription(request: Request): RedisCommand {
  if (request.method !== "GET" && request.method !== "POST") throw methodRefusal("GET", "POST");
  const [name = "", ...channels] = pathArguments(new URL(request.url).pathname);
  if (channels.includes("")) throw new BadRequest("ERR the path names no channel");
  return [name, ...channels];
}

/**
 * An event is one line. A text with a line break travels as its JSON string, which the SDK parses.
 */
function eventData(reply: Reply): string {
  if (!Array.isArray(reply))
    throw new ProtocolError("a subscription got another reply than a message");
  const parts = reply.map((part) => fromBinary(String(part)));
  const text = parts.pop() ?? "";
  parts.push(/[\r\n]/.test(text) ? JSON.stringify(text) : text);
  return parts.join();
}
