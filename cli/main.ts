import { readFile } from "node:fs/promises";
import colors from "picocolors";
import type { Command, Given } from "./command.ts";
import { commands } from "./commands.ts";
import { readConfig } from "./config.ts";
import { openEdge } from "./edge.ts";
import { helpOf, overview } from "./help.ts";
import { findCommand, readArguments } from "./read-command.ts";
import { Trouble, WrongUsage } from "./trouble.ts";

/*
 * npm run lectern -- COMMAND …: what organisers do, from a shell, against any edge. Exit codes: 0
 * done, 1 refused or not done, 2 a command line that makes no sense.
 */
const args = process.argv.slice(2);
const { command, rest } = findCommand(commands, args);
process.exitCode = command ? await run(command, rest) : answerOverview();

function answerOverview(): number {
  const isAsked = args.length === 0 || ["--help", "-h", "help"].includes(args[0] ?? "");
  if (isAsked) console.log(overview(commands));
  else console.error(`lectern: no command "${args.join(" ")}"\n\n${overview(commands)}`);
  return isAsked ? 0 : 2;
}

async function run(command: Command, rest: string[]): Promise<number> {
  let isJson = false;
  try {
    const { given, words } = readArguments(command, rest);
    if (given.flag("help")) {
      console.log(helpOf(command));
      return 0;
    }
    isJson = given.flag("json");
    const config = readConfig(process.env);
    const token = command.name === "sign-in" ? undefined : await tokenOf(given, config.token);
    const edge = openEdge(given.text("edge") ?? config.edgeUrl, token, config.language);
    const note = (text: string) => console.error(colors.dim(text));
    await command.run({ edge, given, words, isJson, print: (text) => console.log(text), note });
    return 0;
  } catch (error) {
    return tell(error, command, isJson);
  }
}

async function tokenOf(given: Given, fallback: string | undefined): Promise<string | undefined> {
  const file = given.text("token-file");
  return file === undefined ? fallback : (await readFile(file, "utf8")).trim();
}

/** Tells what is wrong and what to do next; gives the exit code. */
function tell(error: unknown, command: Command, isJson: boolean): number {
  if (error instanceof WrongUsage) {
    console.error(`lectern: ${error.message}\n\n${helpOf(command)}`);
    return 2;
  }
  if (error instanceof Trouble) {
    if (isJson && error.body !== undefined) console.log(JSON.stringify(error.body, null, 2));
    console.error(colors.red(`lectern: ${error.message}`));
    if (error.next !== undefined) console.error(error.next);
    return 1;
  }
  // A file that is not there needs no stack trace.
  const isOfTheMachine = error instanceof Error && "code" in error;
  console.error(isOfTheMachine ? `lectern: ${error.message}` : error);
  return 1;
}
