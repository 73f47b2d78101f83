import { BadRequest } from "./bad-request.ts";
import type { RedisLink } from "./redis-link.ts";
import { type RedisCommand, RedisError, type Reply } from "./resp.ts";

/**
 * Runs commands as one MULTI … EXEC. Gives their replies; error replies are values. Redis may
 * discard the transaction, for an unknown command for example. Then nothing ran, and BadRequest
 * carries EXECABORT and the first cause. Rejects with Unavailable.
 */
export async function runTransaction(
  link: RedisLink,
  commands: readonly RedisCommand[],
): Promise<Reply[]> {
  const replies = await link.send([["MULTI"], ...commands, ["EXEC"]]);
  const results = replies.at(-1);
  if (Array.isArray(results)) return results;
  const cause = replies.find((reply) => reply instanceof RedisError);
  const verdict =
    results instanceof RedisError ? results.message : "EXECABORT Transaction discarded";
  throw new BadRequest(
    cause && cause !== results ? `${verdict} (${(cause as RedisError).message})` : verdict,
  );
}
