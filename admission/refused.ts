/** Wrong types, missing rights, crossed slots. */
const REFUSAL = /^-?(WRONGTYPE|NOPERM|CROSSSLOT)\b/;

/** How Redis 6 and Upstash wrap what ended a script: an error of Lua, or the answer of a command with its own code. */
const WRAPPED = /^ERR Error running script \(call to \w+\): (?:@?user_script: ?\d+: )*/;

/** An error of Lua as Redis 7 tells it, a script that is none, and an `ERR` of a command that a script called. */
const SCRIPT_ERROR =
  /^ERR (?:user_script:\d+: |Error compiling script |.* script: [0-9a-f]{40}, on @user_script:\d+\.$)/;

/** An error code in front of a text, with the dash by which the protocol marks an error. */
const CODE = /^-?[A-Z]+ /;

/**
 * Whether Redis refused a command for what it is, so that the same command would be refused again until somebody mends the keys, the rights or
 * the script. Any other error may pass by itself: an outage, a used-up quota, a full memory, a server that is read-only.
 *
 * @param error what the Redis client threw; its text begins as Redis wrote it
 */
export function isRefusedByRedis(error: unknown): boolean {
  return error instanceof Error && saysRefused(error.message);
}

/** The same of the text of an error, as one command of a pipeline has it. */
export function saysRefused(error: string): boolean {
  const inner = error.replace(WRAPPED, "");
  if (inner !== error) return REFUSAL.test(inner) || !CODE.test(inner);
  return REFUSAL.test(error) || SCRIPT_ERROR.test(error);
}
