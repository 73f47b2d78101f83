import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { External, StackConfig } from "./config.ts";
import { PORTS } from "./layout.ts";
import { findFreePorts } from "./ports.ts";

/** A signal that never fires. */
export const NEVER = new AbortController().signal;

/** Settings of a stack in a directory, with its own block of ports. */
export async function stackForTest(
  external: External = {},
): Promise<StackConfig & { basePort: number; remove(): void }> {
  const dir = mkdtempSync(join(tmpdir(), "lectern-stack-"));
  const basePort = await findFreePorts(PORTS.length);
  const inherited = { PATH: "/usr/bin:/bin" };
  const remove = () => rmSync(dir, { recursive: true, force: true });
  return { dir, basePort, partitions: undefined, external, inherited, remove };
}
