/** A command in JSON, as the REST protocol takes it, to be sent among others. */
export type RedisCommand = string;

/** What Redis says to one command among others: its result, or an error of its own, as Redis wrote it. */
export interface RedisReply {
  result?: unknown;
  error?: string | undefined;
}

/**
 * The command that runs a script by its hash. It is put together as text, since a rush sends three of them with every request, and so with nothing in it
 * that JSON would have to escape: names and numbers of ours, ids of the forms in contract/ids.ts, and addresses that were read.
 */
export function evalsha(sha1: string, keys: string[], args: (string | number)[]): RedisCommand {
  return `["EVALSHA","${sha1}",${keys.length},"${keys.join('","')}","${args.join('","')}"]`;
}

/** Commands as the body of a pipeline. */
export function pipelineOf(commands: RedisCommand[]): string {
  return `[${commands.join(",")}]`;
}
