import type { ProblemCode } from "../contract/problems.ts";
import { readBody } from "../contract/request-body.ts";
import type { EdgeContext, Handler } from "./context.ts";
import { type ProblemExtras, problem } from "./problem.ts";

export interface RequestBounds {
  /** requests worked on at once */
  inFlightMax: number;
  /** how long a body may take to come, in milliseconds */
  bodyTimeoutMs: number;
}

/**
 * Puts a handler within the bounds of a request, the cheapest first: its address and host, its body, and how many others are being worked on. The
 * body is read before the request has a place among those: who sends it slowly, or never, keeps nobody out. The handler must not throw.
 */
export function boundRequest({
  inFlightMax,
  bodyTimeoutMs,
}: RequestBounds): (handle: Handler) => Handler {
  let inFlight = 0;

  /** Takes a place, and gives the function that leaves it. A stream has one until it begins. */
  function enter(c: EdgeContext): () => void {
    let isIn = true;
    inFlight += 1;
    const leave = () => {
      if (isIn) inFlight -= 1;
      isIn = false;
    };
    // When its client has left, a Worker ends a request that only reads without coming by the `finally`.
    if (c.req.method === "GET") c.req.raw.signal.addEventListener("abort", leave);
    return leave;
  }

  async function work(c: EdgeContext, handle: Handler): Promise<Response> {
    if (inFlight >= inFlightMax) return problem(c, "unavailable", { retryAfterMs: ROOM_AGAIN_MS });
    const leave = enter(c);
    try {
      const answer = handle(c);
      // A Worker drops what it is doing when its client leaves; but who has claimed a seat is handed over to be decided all the same.
      if (answer instanceof Promise && c.req.method !== "GET") c.env.outlive?.(answer);
      return await answer;
    } finally {
      leave();
    }
  }

  async function readAndWork(c: EdgeContext, handle: Handler): Promise<Response> {
    const refusal = await refusalOfBody(c, bodyTimeoutMs);
    return refusal ? problem(c, ...refusal) : work(c, handle);
  }

  return (handle) => (c) => {
    const refusal = refusalOfAddress(c);
    if (refusal) return problem(c, ...refusal);
    return c.req.raw.body ? readAndWork(c, handle) : work(c, handle);
  };
}

type Refusal = [ProblemCode, ProblemExtras?];

/** Longer than any address of this API, in characters, with scheme and host. */
const URI_LENGTH_MAX = 2_048;

/**
 * What no host has in its name, or no name at all. Some servers put the value before the path as it
 * came, where it would name another address. Two lines come as one value, with a comma.
 */
const NO_HOST = /[^A-Za-z0-9._~:[\]%-]|^$/;

function refusalOfAddress(c: EdgeContext): Refusal | undefined {
  const host = c.req.header("host");
  if (host !== undefined && NO_HOST.test(host)) return ["invalid_host"];
  return c.req.url.length > URI_LENGTH_MAX ? ["uri_too_long"] : undefined;
}

/** No request to this API has anything long to say. */
const BODY_BYTES_MAX = 16 * 1_024;

/** Reads the body, of whatever request has one, in at most `withinMs`. */
async function refusalOfBody(c: EdgeContext, withinMs: number): Promise<Refusal | undefined> {
  const read = await readBody(c.req.raw, { maxBytes: BODY_BYTES_MAX, withinMs });
  if (read.outcome === "too_large") return ["body_too_large"];
  if (read.outcome === "incomplete")
    return ["body_incomplete", { headers: { Connection: "close" } }];
  c.set("body", read.bytes);
  return undefined;
}

/** When those who found no room may come back at the earliest, in milliseconds: late enough not to be a rush of its own. */
export const ROOM_AGAIN_MS = 5_000;
