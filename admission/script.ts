import { sha1 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Redis } from "@upstash/redis";
import { errors } from "@upstash/redis/cloudflare";

/** The part of an @upstash/redis client that the admission scripts need. */
export type AdmissionRedis = Pick<
  Redis,
  | "evalsha"
  | "eval"
  | "hget"
  | "hset"
  | "pipeline"
  | "scan"
  | "scriptExists"
  | "scriptFlush"
  | "scriptLoad"
>;

/** A Lua script that Redis runs by its hash. */
export interface Script {
  readonly source: string;
  /** Redis' name of the script: SHA-1 of the source, in hex */
  readonly sha1: string;
}

export function script(source: string): Script {
  return { source, sha1: bytesToHex(sha1(new TextEncoder().encode(source))) };
}

/**
 * Runs a script by its hash in one round trip; the source follows only on NOSCRIPT. A missing reply
 * is an error of the client: whether the script ran is unknown.
 */
export async function run(
  redis: Pick<AdmissionRedis, "evalsha" | "eval">,
  program: Script,
  keys: string[],
  args: string[],
): Promise<unknown> {
  const reply = await runIfKnown(redis, program, keys, args);
  return reply === undefined ? await redis.eval(program.source, keys, args) : reply;
}

/**
 * Runs a script once for each of `runs`, in order, in one round trip; in two where Redis lacks the
 * script. Throws the first error of a run: any other run may have happened.
 */
export async function runTogether(
  redis: Pick<AdmissionRedis, "pipeline" | "scriptLoad">,
  program: Script,
  keys: string[],
  runs: string[][],
): Promise<unknown[]> {
  if (runs.length === 0) return [];
  const send = async () => {
    const pipeline = redis.pipeline();
    for (const args of runs) pipeline.evalsha(program.sha1, keys, args);
    return await pipeline.exec<unknown[]>({ keepErrors: true });
  };
  let replies = await send();
  if (replies.some(({ error }) => error !== undefined && saysUnknownScript(error))) {
    await redis.scriptLoad(program.source);
    replies = await send();
  }
  return replies.map(({ result, error }) => {
    if (error !== undefined) throw new errors.UpstashError(error);
    return result;
  });
}

/** Runs a script like `run`, but only where Redis knows it; else undefined. */
export async function runIfKnown(
  redis: Pick<AdmissionRedis, "evalsha">,
  program: Script,
  keys: string[],
  args: string[],
): Promise<unknown> {
  try {
    return await redis.evalsha(program.sha1, keys, args);
  } catch (error) {
    if (error instanceof Error && saysUnknownScript(error.message)) return undefined;
    throw error;
  }
}

/** Whether an error says that Redis does not know the script, and did not run it. */
export function saysUnknownScript(error: string): boolean {
  return error.includes("NOSCRIPT");
}
