import * as z from "zod";
import { readSettings } from "../contract/settings.ts";
import { parseRedisUrl } from "./redis-address.ts";

const Environment = z.object({
  REDIS_HTTP_HOST: z.string().min(1).default("127.0.0.1"),
  REDIS_HTTP_PORT: z.coerce.number().int().min(1).max(65_535),
  REDIS_HTTP_TOKEN: z.string().regex(/^[\x21-\x7e]{16,}$/, "at least 16 visible ASCII characters"),
  REDIS_URL: z.string().refine(isRedisUrl, "redis://[user:password@]host[:port][/database]"),
});

/**
 * The settings of the Redis HTTP front. Throws an Error that names each wrong one, not its value.
 */
export function readConfig(environment: Record<string, string | undefined>) {
  const settings = readSettings(Environment, environment);
  return {
    host: settings.REDIS_HTTP_HOST,
    port: settings.REDIS_HTTP_PORT,
    token: settings.REDIS_HTTP_TOKEN,
    redisUrl: settings.REDIS_URL,
  };
}

function isRedisUrl(text: string): boolean {
  try {
    parseRedisUrl(text);
    return true;
  } catch {
    return false;
  }
}
