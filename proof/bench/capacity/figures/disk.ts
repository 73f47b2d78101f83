import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The disk bytes of all files below a directory. */
export function bytesOnDisk(dir: string): number {
  return readdirSync(dir, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(dir, entry.name);
    return sum + (entry.isDirectory() ? bytesOnDisk(path) : allocated(path));
  }, 0);
}

/** 0 for a file that has disappeared meanwhile. */
function allocated(path: string): number {
  return (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
}
