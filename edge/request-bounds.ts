import type { ProblemCode } from "../contract/problems.ts";
import { readBody } from "../contract/request-body.ts";
import type { EdgeContext, Handler } from "./context.ts";
import { type ProblemExtras, problem } from "./problem.ts";
import { problemOf } from "./refusal.ts";

export interface RequestBounds {
  /** requests in flight at once */
  inFlightMax: number;
  /** how long a body may take to arrive, in milliseconds */
  bodyTimeoutMs: number;
}

/**
 * Puts a handler behind the bounds of a request, the cheapest first: address and host, body,
 * requests in flight. The body is read before the request takes a place: a slow or endless sender
 * keeps no other out. The handler must not throw.
 */
export function boundRequest({
  inFlightMax,
  bodyTimeoutMs,
}: RequestBounds): (handle: Handler, bodyBytesMax?: number) => Handler {
  let inFlight = 0;

  /**
   * Takes a place in flight, and returns the function that leaves it. A stream keeps its place
   * until it begins.
   */
  function enter(c: EdgeContext): () => void {
    let isIn = true;
    inFlight += 1;
    const leave = () => {
      if (isIn) inFlight -= 1;
      isIn = false;
    };
    // When the client leaves, a Worker ends a request that only reads, without running the
    // `finally`.
    if (c.req.method === "GET") c.req.raw.signal.addEventListener("abort", leave);
    return leave;
  }

  async function work(c: EdgeContext, handle: Handler): Promise<Response> {
    if (inFlight >= inFlightMax) return problem(c, ...problemOf(NO_ROOM));
    const leave = enter(c);
    try {
      const answer = handle(c);
      // A Worker drops its work when the client leaves. A claimed seat must still be handed over
      // for its decision.
      if (answer instanceof Promise && c.req.method !== "GET") c.env.outlive?.(answer);
      return await answer;
    } finally {
      leave();
    }
  }

  async function readAndWork(c: EdgeContext, handle: Handler, maxBytes: number): Promise<Response> {
    const found = await problemOfBody(c, { maxBytes, withinMs: bodyTimeoutMs });
    return found ? problem(c, ...found) : work(c, handle);
  }

  return (handle, bodyBytesMax = BODY_BYTES_MAX) =>
    (c) => {
      const found = problemOfAddress(c);
      if (found) return problem(c, ...found);
      return c.req.raw.body ? readAndWork(c, handle, bodyBytesMax) : work(c, handle);
    };
}

const NO_ROOM = { outcome: "no_room" } as const;

type Problem = [ProblemCode, ProblemExtras?];

/** Longer than any address of this API with scheme and host, in characters. */
const URI_LENGTH_MAX = 2_048;

/**
 * A character of no host name, or no name at all. Some servers put the value before the path as it
 * came, where it would name another address. Two Host lines come as one value with a comma.
 */
const NO_HOST = /[^A-Za-z0-9._~:[\]%-]|^$/;

function problemOfAddress(c: EdgeContext): Problem | undefined {
  const host = c.req.header("host");
  if (host !== undefined && NO_HOST.test(host)) return ["invalid_host"];
  return c.req.url.length > URI_LENGTH_MAX ? ["uri_too_long"] : undefined;
}

/** The longest body, in bytes, but for routes that name a longer one. */
const BODY_BYTES_MAX = 16 * 1_024;

/** Reads a request's body, if it has one, in at most `withinMs` milliseconds. */
async function problemOfBody(
  c: EdgeContext,
  limits: { maxBytes: number; withinMs: number },
): Promise<Problem | undefined> {
  const read = await readBody(c.req.raw, limits);
  if (read.outcome === "too_large") return ["body_too_large"];
  if (read.outcome === "incomplete")
    return ["body_incomplete", { headers: { Connection: "close" } }];
  c.set("body", read.bytes);
  return undefined;
}
