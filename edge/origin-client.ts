import type { Keyring } from "../contract/keyring.ts";
import { BUDGET_HEADER } from "../contract/origin-api.ts";
import { SIGNATURE_HEADER, sign } from "../contract/signature.ts";
import { REQUEST_ID_HEADER, TRACEPARENT } from "../contract/trace-parent.ts";
import { type Breaker, BreakerOpen } from "../runtime/breaker/breaker.ts";
import { isOriginOutage } from "./breakers.ts";
import type { EdgeTracing } from "./tracing.ts";

export interface OriginOptions {
  /** scheme, host and port */
  url: string;
  keys: Keyring;
  /**
   * how long an answer may take (see `ask` and `follow`), in milliseconds, on top of a requested
   * wait
   */
  timeoutMs: number;
  breaker: Breaker;
  /** names the trace to the origin, if there are traces */
  tracing?: EdgeTracing | undefined;
}

export interface OriginRequest {
  method: "GET" | "POST";
  /** path and query, exactly as sent */
  path: string;
  requestId: string;
  /** sent as JSON, but bytes as they are: their type is one of `headers` */
  body?: unknown;
  /** how long the origin is to wait for a decision, in milliseconds */
  waitMs?: number;
  headers?: Record<string, string>;
}

/**
 * Asks the origin, signed. Both calls throw if no answer comes in time: whether the origin got the
 * request is unknown. Both throw BreakerOpen at once while the origin is down.
 */
export interface Origin {
  /** an exchange that must end in time, body included */
  ask(request: OriginRequest): Promise<Response>;
  /** an exchange whose answer must begin in time; its body may go on as long as it is read */
  follow(request: OriginRequest): Promise<Response>;
}

const utf8 = new TextEncoder();
const NOTHING = new Uint8Array();

function bytesOf(body: unknown): Uint8Array<ArrayBuffer> {
  if (body === undefined) return NOTHING;
  return body instanceof Uint8Array ? Uint8Array.from(body) : utf8.encode(JSON.stringify(body));
}

/** Builds the client. It keeps no connection: there is nothing to close. */
export function openOrigin({ url, keys, timeoutMs, breaker, tracing }: OriginOptions): Origin {
  const base = url.replace(/\/$/, "");
  const budget = String(timeoutMs);

  async function send(
    { method, path, requestId, body, headers }: OriginRequest,
    signal: AbortSignal,
  ) {
    const bytes = bytesOf(body);
    const sent: Record<string, string> = {
      ...headers,
      [SIGNATURE_HEADER]: sign(keys, { method, path, body: bytes }, Date.now()),
      [BUDGET_HEADER]: budget,
      [REQUEST_ID_HEADER]: requestId,
    };
    if (body !== undefined) sent["Content-Type"] ??= "application/json";
    if (tracing) sent[TRACEPARENT] = tracing.headerOf(requestId);
    return fetch(base + path, {
      method,
      headers: sent,
      body: body === undefined ? null : bytes,
      redirect: "manual",
      signal,
    });
  }

  /** An answer that only an origin in trouble gives counts like no answer. */
  async function guarded(request: OriginRequest, signal: AbortSignal): Promise<Response> {
    if (!breaker.admits()) throw new BreakerOpen("the origin is down");
    try {
      const answer = await send(request, signal);
      if (isOriginOutage(answer)) breaker.failed();
      else breaker.succeeded();
      return answer;
    } catch (error) {
      breaker.failed();
      throw error;
    }
  }

  return {
    ask: (request) => guarded(request, AbortSignal.timeout(timeoutMs + (request.waitMs ?? 0))),
    async follow(request) {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), timeoutMs);
      try {
        return await guarded(request, abort.signal);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
