import { join } from "node:path";
import type { Mutant } from "./mutant.ts";

const ROOT = join(import.meta.dir, "../..");

/**
 * Returns a file's source with the mistake. Throws if the file no longer contains the mutant's text
 * exactly once.
 */
export async function mutated({ name, file, edits }: Mutant): Promise<string> {
  let source = await Bun.file(join(ROOT, file)).text();
  for (const [from, to] of edits) {
    const times = source.split(from).length - 1;
    if (times !== 1) throw new Error(`${name}: ${file} has ${times} times, not once: ${from}`);
    source = source.replace(from, () => to);
  }
  return source;
}

/**
 * Makes this process load the real code with one mistake; no file is written. Must be called before
 * that code is imported.
 */
export async function plant(mutant: Mutant): Promise<void> {
  const source = await mutated(mutant);
  const path = join(ROOT, mutant.file);
  Bun.plugin({
    name: "mutant",
    setup(build) {
      build.onLoad({ filter: new RegExp(`${path.replaceAll(".", "\\.")}$`) }, () =>
        path.endsWith(".lua")
          ? { exports: { default: source }, loader: "object" }
          : { contents: source, loader: "ts" },
      );
    },
  });
}
