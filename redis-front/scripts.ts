import { createHash } from "node:crypto";
import { nameOf, type RedisCommand } from "./resp.ts";

/**
 * Rewritten scripts remembered at most. A forgotten one answers NOSCRIPT, and clients then send the
 * text.
 */
const MAX_REMEMBERED = 1_000;

export type ScriptTranslator = (command: RedisCommand) => RedisCommand;

/**
 * Runs scripts that ask for Upstash's own flag `allow-key-locking`, which open-source Redis
 * refuses. The flag is removed, which changes the script's SHA1. An EVALSHA with the client's SHA1
 * therefore carries the real SHA1, which SCRIPT LOAD also answers. Gives a function that translates
 * a command; other commands pass unchanged.
 */
export function createScriptTranslator(): ScriptTranslator {
  const realSha1 = new Map<string, string>();

  function rewrite(script: string): string {
    const rewritten = withoutKeyLocking(script);
    if (rewritten !== script) remember(sha1(script), sha1(rewritten));
    return rewritten;
  }

  function remember(asked: string, real: string) {
    realSha1.delete(asked);
    realSha1.set(asked, real);
    const oldest = realSha1.keys().next();
    if (realSha1.size > MAX_REMEMBERED && !oldest.done) realSha1.delete(oldest.value);
  }

  function lookUp(asked: string): string {
    return realSha1.get(asked.toLowerCase()) ?? asked;
  }

  return (command) => {
    switch (nameOf(command)) {
      case "EVAL":
      case "EVAL_RO":
        return changed(command, 1, rewrite);
      case "EVALSHA":
      case "EVALSHA_RO":
        return changed(command, 1, lookUp);
      case "SCRIPT":
        return translateScript(command);
      default:
        return command;
    }
  };

  function translateScript(command: RedisCommand): RedisCommand {
    const subcommand = String(command[1]).toUpperCase();
    if (subcommand === "LOAD") return changed(command, 2, rewrite);
    if (subcommand !== "EXISTS") return command;
    return command.reduce<RedisCommand>(
      (whole, _, index) => changed(whole, index, lookUp),
      command,
    );
  }
}

function changed(
  command: RedisCommand,
  index: number,
  change: (text: string) => string,
): RedisCommand {
  const before = command[index];
  if (typeof before !== "string") return command;
  const after = change(before);
  return after === before ? command : (command.with(index, after) as unknown as RedisCommand);
}

const SHEBANG = /^#!lua[ \t]+flags=([^\s]*)/;
const UNKNOWN_FLAG = "allow-key-locking";

function withoutKeyLocking(script: string): string {
  if (!script.startsWith("#!lua")) return script;
  return script.replace(SHEBANG, (line, list: string) => {
    const flags = list.split(",");
    if (!flags.includes(UNKNOWN_FLAG)) return line;
    const kept = flags.filter((flag) => flag !== UNKNOWN_FLAG);
    return kept.length === 0 ? "#!lua" : `#!lua flags=${kept.join()}`;
  });
}

function sha1(script: string): string {
  return createHash("sha1").update(script).digest("hex");
}
