import type { Redis } from "@upstash/redis";

/** The part of an @upstash/redis client that the admission scripts need. */
export type AdmissionRedis = Pick<
  Redis,
  "evalsha" | "eval" | "hget" | "hset" | "pipeline" | "scriptExists" | "scriptLoad"
>;

/** A Lua script that Redis runs by its hash. */
export interface Script {
  readonly source: string;
  sha1?: string;
}

export function script(source: string): Script {
  return { source };
}

/**
 * Runs a script in one round trip, by its hash; it is sent whole only when Redis does not know it (NOSCRIPT). A reply that does not come
 * is an error of the client, and means: unknown whether it ran.
 */
export async function run(
  redis: AdmissionRedis,
  program: Script,
  keys: string[],
  args: string[],
): Promise<unknown> {
  const reply = await runIfKnown(redis, program, keys, args);
  return reply === undefined ? await redis.eval(program.source, keys, args) : reply;
}

/** Runs a script as `run` does, but only where Redis knows it; undefined where it does not. */
export async function runIfKnown(
  redis: Pick<AdmissionRedis, "evalsha">,
  program: Script,
  keys: string[],
  args: string[],
): Promise<unknown> {
  try {
    // A hash that is known is not awaited, so that the script is sent with whatever else is begun in the same turn.
    return await redis.evalsha(program.sha1 ?? (await hashOf(program)), keys, args);
  } catch (error) {
    if (error instanceof Error && error.message.includes("NOSCRIPT")) return undefined;
    throw error;
  }
}

/** The hash Redis knows the script by: SHA-1 of its source, in hex. */
export async function hashOf(program: Script): Promise<string> {
  program.sha1 ??= await sha1Of(program.source);
  return program.sha1;
}

async function sha1Of(source: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(source));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
