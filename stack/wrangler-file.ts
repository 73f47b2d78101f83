import { readFileSync } from "node:fs";
import { join, parse, resolve } from "node:path";
import * as z from "zod";
import { ROOT } from "./layout.ts";
import { StackError } from "./stack-error.ts";

const File = z.object({
  main: z.string(),
  compatibility_date: z.iso.date(),
  compatibility_flags: z.array(z.string()).default([]),
  vars: z.record(z.string(), z.json()).default({}),
  assets: z.object({ directory: z.string(), binding: z.literal("ASSETS") }),
});

/** The parts of the deployment file that workerd needs. */
export interface WranglerFile {
  /** the bundle's main module */
  mainModule: string;
  compatibilityDate: string;
  compatibilityFlags: string[];
  /** text, or any other JSON value */
  vars: Record<string, z.core.util.JSONType>;
  /** the directory of the files that the edge serves, absolute */
  assetsDirectory: string;
}

/**
 * Reads `wrangler.toml` of the source tree. Throws StackError that says what is wrong with the
 * file.
 */
export function readWranglerFile(path = join(ROOT, "wrangler.toml")): WranglerFile {
  try {
    const file = File.parse(Bun.TOML.parse(readFileSync(path, "utf8")));
    return {
      mainModule: `${parse(file.main).name}.js`,
      compatibilityDate: file.compatibility_date,
      compatibilityFlags: file.compatibility_flags,
      vars: file.vars,
      assetsDirectory: resolve(ROOT, file.assets.directory),
    };
  } catch (error) {
    throw new StackError(
      `wrangler.toml cannot be used: ${error instanceof Error ? error.message : error}`,
    );
  }
}
