/** A command in JSON for the REST protocol, sent among others. */
export type RedisCommand = string;

/** Redis' reply to one command among others: a result, or its own error as Redis wrote it. */
export interface RedisReply {
  result?: unknown;
  error?: string | undefined;
}

/**
 * The command that runs a script by its hash. It is built as text: a rush sends three with every
 * request. Keys and arguments must need no JSON escapes: our names and numbers, ids
 * (contract/ids.ts) and parsed addresses.
 */
export function evalsha(sha1: string, keys: string[], args: (string | number)[]): RedisCommand {
  return `["EVALSHA","${sha1}",${keys.length},"${keys.join('","')}","${args.join('","')}"]`;
}

/** Commands as the body of a pipeline. */
export function pipelineOf(commands: RedisCommand[]): string {
  return `[${commands.join(",")}]`;
}
