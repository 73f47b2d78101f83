import { answerError } from "./answers.ts";
import { methodRefusal } from "./bad-request.ts";
import { createEndpoints, type Endpoint } from "./endpoints.ts";
import type { Log } from "./log.ts";
import { parseRedisUrl } from "./redis-address.ts";
import { keepConnected, type RedisLink } from "./redis-link.ts";
import { Status } from "./resp.ts";
import { createScriptTranslator } from "./scripts.ts";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";
import { createTokenCheck } from "./token.ts";

export interface FrontOptions {
  host: string;
  /** 0 takes a free port */
  port: number;
  token: string;
  /** `redis://[user:password@]host[:port][/database]` */
  redisUrl: string;
  log: Log;
  /** how long a command may wait for its reply, in milliseconds; 5,000 by default */
  commandTimeoutMs?: number;
  /** commands sent to Redis and not yet answered; 50,000 by default */
  maxInFlight?: number;
  /** subscriptions open at one time; 256 by default */
  maxStreams?: number;
}

export interface Front {
  /** the value of UPSTASH_REDIS_REST_URL for clients */
  url: string;
  /**
   * Ends the streams, takes no new requests, and answers those in flight for at most
   * DRAIN_TIMEOUT_MS. Then ends the connection to Redis.
   */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 2_000;
const MAX_REPLY_BYTES = 64 * 1_048_576;
const MAX_UNSENT_BYTES = 64 * 1_048_576;
const MAX_UNREAD_BYTES = 1_048_576;
/** Above the keep-alive of common clients: the client closes an idle connection, not the server. */
const IDLE_TIMEOUT_S = 240;
const DRAIN_TIMEOUT_MS = 5_000;

/**
 * Starts the Upstash REST protocol in front of a Redis. Listens even without Redis: commands and
 * `/healthz` then answer 503 until Redis is there. Throws when the address is taken or an option is
 * malformed.
 */
export async function startFront(options: FrontOptions): Promise<Front> {
  const socket = {
    address: parseRedisUrl(options.redisUrl),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    maxReplyBytes: MAX_REPLY_BYTES,
  };
  const { commandTimeoutMs = 5_000, maxInFlight = 50_000, maxStreams = 256, log } = options;
  const subscriptions = createSubscriptions({
    ...socket,
    maxStreams,
    maxUnreadBytes: MAX_UNREAD_BYTES,
  });
  const limits = { commandTimeoutMs, maxInFlight, maxUnsentBytes: MAX_UNSENT_BYTES };
  const link = keepConnected({ ...socket, ...limits }, log);
  const server = listen(options, link, subscriptions);
  await link.triedOnce;
  return {
    url: server.url.origin,
    async close() {
      subscriptions.close();
      await drained(server);
      await link.close();
    },
  };
}

function listen(options: FrontOptions, link: RedisLink, subscriptions: Subscriptions) {
  const endpoints = createEndpoints({ link, translate: createScriptTranslator() });
  const answering = createAnswering(options.log);
  const guarded = createGuard(options.token, answering);
  const server = Bun.serve({
    hostname: options.host,
    port: options.port,
    idleTimeout: IDLE_TIMEOUT_S,
    // request-body.ts keeps the body's limit: it answers in JSON, as the SDK expects.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    routes: {
      "/": guarded(endpoints.command),
      "/pipeline": guarded(endpoints.pipeline),
      "/multi-exec": guarded(endpoints.multiExec),
      "/subscribe/*": guarded(subscribe),
      "/psubscribe/*": guarded(subscribe),
      "/healthz": answering((request) => health(link, request)),
    },
    fetch: guarded(endpoints.pathCommand),
  });

  function subscribe(request: Request) {
    server.timeout(request, 0);
    return subscriptions.answer(request);
  }

  return server;
}

/** Answers every failure in JSON. */
function createAnswering(log: Log) {
  return (endpoint: Endpoint): Endpoint =>
    async (request) => {
      try {
        return await endpoint(request);
      } catch (error) {
        return answerError(error, log);
      }
    };
}

/** Requires the token; only health goes without. */
function createGuard(token: string, answering: (endpoint: Endpoint) => Endpoint) {
  const checkToken = createTokenCheck(token);
  return (endpoint: Endpoint): Endpoint =>
    answering((request) => {
      checkToken(request);
      return endpoint(request);
    });
}

async function health(link: RedisLink, { method }: Request): Promise<Response> {
  if (method !== "GET" && method !== "HEAD") throw methodRefusal("GET", "HEAD");
  const ready = await link.send([["PING"]]).then(
    ([reply]) => reply instanceof Status && reply.text === "PONG",
    () => false,
  );
  return Response.json({ ready }, { status: ready ? 200 : 503 });
}

async function drained(server: Bun.Server<undefined>) {
  const timeout = Promise.withResolvers<void>();
  const timer = setTimeout(timeout.resolve, DRAIN_TIMEOUT_MS);
  await Promise.race([server.stop(), timeout.promise]);
  clearTimeout(timer);
  await server.stop(true);
}
