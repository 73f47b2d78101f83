import { COMMON, type Command, type Options } from "./command.ts";

const CALL = "npm run lectern --";

/** The help of all commands. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map((command) => [callOf(command), command.says] as const);
  return [
    `usage: ${CALL} COMMAND …   (COMMAND --help: its options)`,
    "",
    ...aligned(rows),
    "",
    "Every command takes:",
    ...optionLines(COMMON),
  ].join("\n");
}

/** The help of one command. */
export function helpOf(command: Command): string {
  const { says, options = {} } = command;
  const own = optionLines(options);
  return [
    `usage: ${CALL} ${callOf(command)}${own.length > 0 ? " …" : ""}`,
    "",
    `  ${says}`,
    "",
    ...own,
    ...optionLines(COMMON),
  ].join("\n");
}

function callOf({ name, words = [] }: Command): string {
  return [name, ...words].join(" ");
}

function optionLines(options: Options): string[] {
  const rows = Object.entries(options).map(([name, { value, says }]) => {
    return [`--${name}${value === undefined ? "" : ` ${value}`}`, says] as const;
  });
  return aligned(rows);
}

/** Two columns; a left one that is too long has the right one on the next line. */
function aligned(rows: readonly (readonly [left: string, right: string])[]): string[] {
  const LEFT = 26;
  return rows.map(([left, right]) =>
    left.length < LEFT
      ? `  ${left.padEnd(LEFT)}${right}`
      : `  ${left}\n  ${" ".repeat(LEFT)}${right}`,
  );
}
