import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type * as z from "zod";
import { StackError } from "./stack-error.ts";

/**
 * The content of a JSON file of a stack; undefined without a file. Throws StackError for a damaged
 * file.
 */
export function readState<T>(path: string, schema: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new StackError(`${path} is damaged: put it back, or remove it and start again`);
  }
}

/**
 * Writes the file readable by its owner only. A reader sees the old or the new file, never a part.
 * Throws StackError when the file cannot be written.
 */
export function writeState(path: string, state: unknown): void {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new StackError(
      `${path} cannot be written: ${error instanceof Error ? error.message : error}`,
    );
  }
}
