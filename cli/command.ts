import type { Edge } from "./edge.ts";

/** An option: a flag, or one with a value that the help calls by `value`. */
export interface Option {
  value?: string;
  says: string;
}

export type Options = Record<string, Option>;

/** The command line's values by their written names. */
export interface Given {
  text(name: string): string | undefined;
  /** Throws WrongUsage where the option is missing. */
  needed(name: string): string;
  flag(name: string): boolean;
}

export interface Running {
  edge: Edge;
  given: Given;
  /** the words behind the command's name */
  words: string[];
  isJson: boolean;
  /** Writes a result to the standard output. */
  print(text: string): void;
  /** Writes a remark to the standard error, which no pipe takes for a result. */
  note(text: string): void;
}

export interface Command {
  /** as `lectures list` */
  name: string;
  /** the words that it needs, as `ID` */
  words?: string[];
  says: string;
  options?: Options;
  run(running: Running): Promise<void>;
}

/** The options of every command. */
export const COMMON: Options = {
  edge: { value: "URL", says: "the edge to ask (LECTERN_EDGE); the local stack's by default" },
  "token-file": { value: "FILE", says: "holds the session's token (else LECTERN_TOKEN)" },
  json: { says: "the server's answer as JSON" },
  help: { says: "this text" },
};

/** Options of a request that changes something. */
export const KEY: Options = {
  key: { value: "KEY", says: "Idempotency-Key: the same key does nothing twice" },
};

/** The Idempotency-Key of a request: the caller's, or a new one. */
export function keyOf({ given }: Pick<Running, "given">): string {
  return given.text("key") ?? crypto.randomUUID();
}
