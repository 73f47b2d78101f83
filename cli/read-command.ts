import { parseArgs } from "node:util";
import { COMMON, type Command, type Given, type Options } from "./command.ts";
import { WrongUsage } from "./trouble.ts";

export interface ReadCommand {
  command: Command;
  given: Given;
  words: string[];
}

/** The command that the first words name, and what is left of the words. */
export function findCommand(
  commands: readonly Command[],
  args: readonly string[],
): { command: Command | undefined; rest: string[] } {
  const command = commands.find(({ name }) => {
    const parts = name.split(" ");
    return parts.every((part, at) => args[at] === part);
  });
  return { command, rest: args.slice(command ? command.name.split(" ").length : 0) };
}

/** Reads a command's arguments. Throws WrongUsage with the mistake in one line. */
export function readArguments(command: Command, rest: string[]): ReadCommand {
  const options: Options = { ...COMMON, ...command.options };
  const { values, positionals: words } = parse(rest, options);
  const wanted = command.words ?? [];
  const missing = wanted[words.length];
  if (missing !== undefined && !missing.startsWith("[") && values["help"] !== true)
    throw new WrongUsage(`${missing} is missing`);
  if (words.length > wanted.length) throw new WrongUsage(`what is "${words[wanted.length]}"?`);
  const text = (name: string) => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  const given: Given = {
    text,
    needed(name) {
      const value = text(name);
      if (value === undefined) throw new WrongUsage(`--${name} is missing`);
      return value;
    },
    flag: (name) => values[name] === true,
  };
  return { command, given, words };
}

interface Parsed {
  values: Record<string, unknown>;
  positionals: string[];
}

function parse(args: string[], options: Options): Parsed {
  const types = Object.entries(options).map(([name, { value }]) => [
    name,
    { type: value === undefined ? ("boolean" as const) : ("string" as const) },
  ]);
  try {
    return parseArgs({ args, options: Object.fromEntries(types), allowPositionals: true });
  } catch (error) {
    throw new WrongUsage(error instanceof Error ? error.message : String(error));
  }
}
