/** Wrong types, missing rights, crossed slots. */
const REFUSAL = /^-?(WRONGTYPE|NOPERM|CROSSSLOT)\b/;

/**
 * Redis 6's and Upstash's wrapping of a script's failure: a Lua error, or a command's own error.
 */
const WRAPPED = /^ERR Error running script \(call to \w+\): (?:@?user_script: ?\d+: )*/;

/** In Redis 7's form: a Lua error, an invalid script, or the `ERR` of a command in a script. */
const IN_SCRIPT = String.raw`.* script: [\da-f]{40}, on @user_script:\d+\.$`;
const SCRIPT_ERROR = new RegExp(
  String.raw`^ERR (?:user_script:\d+: |Error compiling script |${IN_SCRIPT})`,
);

/** An error code before a text, with the protocol's dash for errors. */
const CODE = /^-?[A-Z]+ /;

/**
 * Whether Redis refused a command for what it is: a retry fails until the keys, the rights or the
 * script are mended. Any other error may pass: an outage, a used-up quota, a full memory, a
 * read-only server.
 *
 * @param error from the Redis client; its text begins as Redis wrote it
 */
export function isRefusedByRedis(error: unknown): boolean {
  return error instanceof Error && saysRefused(error.message);
}

/** The same for the error text of one command of a pipeline. */
export function saysRefused(error: string): boolean {
  const inner = error.replace(WRAPPED, "");
  if (inner !== error) return REFUSAL.test(inner) || !CODE.test(inner);
  return REFUSAL.test(error) || SCRIPT_ERROR.test(error);
}
