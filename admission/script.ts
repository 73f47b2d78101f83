import type { Redis } from "@upstash/redis";

/** The part of an @upstash/redis client that the admission scripts need. */
export type AdmissionRedis = Pick<Redis, "evalsha" | "eval" | "hget" | "pipeline">;

/** A Lua script that Redis runs by its hash, and is sent whole only when Redis does not know it (NOSCRIPT). */
export interface Script {
  readonly source: string;
  sha1?: string;
}

export function script(source: string): Script {
  return { source };
}

/**
 * Runs a script in one round trip; a second one follows only after Redis lost its script cache. A reply that does not come is an
 * error of the client, and means: unknown whether it ran.
 */
export async function run(
  redis: AdmissionRedis,
  program: Script,
  keys: string[],
  args: string[],
): Promise<unknown> {
  program.sha1 ??= await sha1Of(program.source);
  try {
    return await redis.evalsha(program.sha1, keys, args);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes("NOSCRIPT"))) throw error;
    return await redis.eval(program.source, keys, args);
  }
}

async function sha1Of(source: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(source));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
