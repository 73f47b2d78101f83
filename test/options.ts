import { parseArgs } from "node:util";
import { StackError } from "../stack/stack-error.ts";

export interface TestOptions {
  /** tests alone, against the servers of `npm run test:up`: no type check, no lint, no start */
  only: boolean;
  /** as `only`, and again after each change of a file */
  watch: boolean;
  /** parts of the paths of the test files; every file where empty */
  patterns: string[];
}

/** Reads the arguments of `npm test`. Throws StackError for an unknown argument. */
export function readOptions(args: string[]): TestOptions {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        only: { type: "boolean", default: false },
        watch: { type: "boolean", default: false },
      },
    });
    return { only: values.only || values.watch, watch: values.watch, patterns: positionals };
  } catch (error) {
    throw new StackError(error instanceof Error ? error.message : String(error));
  }
}
