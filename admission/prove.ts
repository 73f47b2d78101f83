import source from "./prove.lua";
import { script } from "./script.ts";
import { PIPELINE, type SendToRedis } from "./send.ts";

const KEYS = ["claims", "held", "throttle"].map((name) => `lectern:{probe}:probe-${name}`);

const program = script(source);

/**
 * Makes Redis write as a claim does, by a script's hash and in a pipeline; nothing remains. Rejects
 * with Redis' error, or the fault of the front before it.
 */
export async function proveRedis(send: SendToRedis): Promise<void> {
  const text = crypto.randomUUID();
  const commands = [
    ["SCRIPT", "LOAD", source],
    ["EVALSHA", program.sha1, String(KEYS.length), ...KEYS, text],
  ];
  const replies = await send({ path: PIPELINE, body: commands });
  if (!Array.isArray(replies)) throw new Error("its /pipeline does not answer as Upstash's does");
  for (const { error } of replies as { error?: string }[])
    if (error !== undefined) throw new Error(error);
  if (replies.at(-1)?.result !== text)
    throw new Error("a script gave back another text than its own");
}
