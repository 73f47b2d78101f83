import type { Redis } from "@upstash/redis";
import { errors } from "@upstash/redis/cloudflare";
import { saysRefused } from "./refused.ts";

type Pipeline = ReturnType<Redis["pipeline"]>;

/**
 * Asks one question for each item, in one round trip. A refused question (a key of a wrong type,
 * say) gives undefined and does not affect the others. Throws any other error: the item's answer is
 * then unknown.
 */
export async function pipelined<Item>(
  redis: Pick<Redis, "pipeline">,
  items: Item[],
  ask: (pipeline: Pipeline, item: Item) => void,
): Promise<unknown[]> {
  if (items.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const item of items) ask(pipeline, item);
  const replies = await pipeline.exec<unknown[]>({ keepErrors: true });
  return replies.map(({ result, error }) => {
    if (error === undefined) return result;
    if (saysRefused(error)) return undefined;
    throw new errors.UpstashError(error);
  });
}
