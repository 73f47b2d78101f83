import { expect, test } from "bun:test";
import { COMMON } from "./command.ts";
import { commands } from "./commands.ts";
import { helpOf, overview } from "./help.ts";

const OVERVIEW = `usage: npm run lectern -- COMMAND …   (COMMAND --help: its options)

  sign-in                   a token, where demo sign-in is on
  lectures list             the lectures of your hosts, latest first
  lectures show ID          one lecture, with its seats and its version
  lectures log ID           what happened to a lecture: the latest changes
  lectures create           makes a lecture: a draft, or visible with --publish
  lectures amend ID         changes what the options name, and nothing else
  lectures publish ID       everybody may see it, and book once it opens
  lectures close ID         booking ends now; amend --closes-at opens it again
  lectures postpone ID      other times; all seats stay
  lectures cancel ID        for good: every seat is given back
  lectures delete ID        cancels it, and takes it out of the lists
  lectures import FILE      makes the lectures of a CSV file: all, or none where a row is wrong
  lectures export [FILE]    the lectures of your hosts as a CSV file that import takes
  lectures reservations ID  who has booked a lecture, on the screen or as a CSV file
  lectures book ID          books for students, by the rules for students
  hosts list                the hosts that you work for; all of them for an admin
  hosts put ID              makes a host or renames it, for an admin

Every command takes:
  --edge URL                the edge to ask (LECTERN_EDGE); the local stack's by default
  --token-file FILE         holds the session's token (else LECTERN_TOKEN)
  --json                    the server's answer as JSON
  --help                    this text`;

const IMPORT = `usage: npm run lectern -- lectures import FILE …

  makes the lectures of a CSV file: all, or none where a row is wrong

  --dry-run                 checks every row and makes nothing
  --key KEY                 Idempotency-Key: the same key does nothing twice
  --edge URL                the edge to ask (LECTERN_EDGE); the local stack's by default
  --token-file FILE         holds the session's token (else LECTERN_TOKEN)
  --json                    the server's answer as JSON
  --help                    this text`;

test("the help names every command and what each takes", () => {
  expect(overview(commands)).toBe(OVERVIEW);
  const command = commands.find(({ name }) => name === "lectures import");
  expect(command && helpOf(command)).toBe(IMPORT);
});

test("every option is one line of 100 characters, and shadows no common option", () => {
  const lines = [overview(commands), ...commands.map(helpOf)].flatMap((help) => help.split("\n"));
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
  const options = commands.flatMap(({ options = {} }) => Object.keys(options));
  expect(options.filter((name) => Object.hasOwn(COMMON, name))).toEqual([]);
});

test("no command's name begins another's, and each is there once", () => {
  const names = commands.map(({ name }) => name);
  const clashes = names.filter((name, at) =>
    names.some((other, place) => place !== at && `${other} `.startsWith(`${name} `)),
  );
  expect(clashes).toEqual([]);
});
