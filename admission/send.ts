import { errors } from "@upstash/redis/cloudflare";

export interface RedisOptions {
  url: string;
  token: string;
  /** how long one round trip may take, in milliseconds */
  timeoutMs: number;
}

/** One request of the REST protocol: a command, or with the path `pipeline` several of them. */
export interface RedisRequest {
  path?: string[] | undefined;
  body?: unknown;
  /** the body in JSON already, in place of `body` */
  json?: string;
}

/** The path that takes several commands at once. */
export const PIPELINE = ["pipeline"];

/** Sends a request once. Gives `{ result }` or `{ error }`, or for a pipeline an array of those; rejects when the request as a whole failed. */
export type SendToRedis = (request: RedisRequest) => Promise<unknown>;

/**
 * The way to Redis under its client: every request is sent exactly once, with nothing but what it needs, and given up after `timeoutMs`. A lost
 * reply means unknown. The client's own way retries, copies its headers for each request and writes the whole command into its errors.
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
  // Address and headers are read once: on Workers that is a thirtieth of all that a claim costs.
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
    throw new Error("what came from Redis is no JSON");
  }
}
