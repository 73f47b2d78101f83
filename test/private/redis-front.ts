import { type Front, type FrontOptions, startFront } from "../../redis-front/front.ts";
import { startPrivateRedis } from "./private-redis.ts";

export const TOKEN = "a-token-for-these-tests";

/** A front in this process, with a test's calls to it. */
export interface TestFront extends Front {
  /** Sends a request with the token. `body` goes as JSON unless it is text. */
  call(
    path: string,
    init?: { method?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>;
  /** `call` for one command. */
  command(...command: unknown[]): Promise<Answer>;
}

export interface Answer {
  status: number;
  json: unknown;
}

const silent = { info() {}, warn() {}, error: console.error };

/**
 * Starts a front on a free port, before REDIS_URL, or before its own redis-server without
 * REDIS_URL.
 */
export async function startTestFront(options: Partial<FrontOptions> = {}): Promise<TestFront> {
  const shared = options.redisUrl ?? process.env["REDIS_URL"];
  const own = shared ? undefined : await startPrivateRedis();
  const redisUrl = shared ?? own?.url ?? "";
  const front = await startFront({
    host: "127.0.0.1",
    port: 0,
    token: TOKEN,
    log: silent,
    ...options,
    redisUrl,
  });

  const call: TestFront["call"] = async (path, { method = "POST", body, headers } = {}) => {
    const response = await fetch(front.url + path, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, json: await response.json() };
  };

  return {
    url: front.url,
    call,
    command: (...command) => call("/", { body: command }),
    async close() {
      await front.close();
      await own?.remove();
    },
  };
}

/** A key that no other test uses. */
export function randomKey(): string {
  return `redis-http-test:${crypto.randomUUID()}`;
}
