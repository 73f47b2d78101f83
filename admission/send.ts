import { errors } from "@upstash/redis/cloudflare";

export interface RedisOptions {
  url: string;
  token: string;
  /** limit of one round trip, in milliseconds */
  timeoutMs: number;
}

/** One request of the REST protocol: a command, or several with the path `pipeline`. */
export interface RedisRequest {
  path?: string[] | undefined;
  body?: unknown;
  /** the body as JSON text, instead of `body` */
  json?: string;
}

/** The path that takes several commands at once. */
export const PIPELINE = ["pipeline"];

/**
 * Sends a request once. Gives `{ result }` or `{ error }`, or an array of them for a pipeline.
 * Rejects when the whole request failed.
 */
export type SendToRedis = (request: RedisRequest) => Promise<unknown>;

/**
 * The transport under the Redis client. It sends every request exactly once, bare, and gives up
 * after `timeoutMs`. A lost reply means unknown. The client's own transport retries, copies its
 * headers for each request and quotes the whole command in its errors.
 */
export function openSend({ url, token, timeoutMs }: RedisOptions): SendToRedis {
  const base = url.replace(/\/$/, "");
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const requestTo = (path: string[] | undefined) =>
    new Request(path ? `${base}/${path.join("/")}` : base, {
      method: "POST",
      headers,
      redirect: "manual",
    });
  // Address and headers are parsed once: on Workers, a thirtieth of a claim's cost.
  const known = { command: requestTo(undefined), pipeline: requestTo(PIPELINE) };

  return async ({ path, body, json }) => {
    const to =
      path === undefined ? known.command : path === PIPELINE ? known.pipeline : requestTo(path);
    const answer = await fetch(to, {
      body: json ?? JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const said = parse(await answer.text());
    if (answer.ok) return said;
    throw new errors.UpstashError(String((said as { error?: unknown }).error));
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error("Redis' answer is not JSON");
  }
}
