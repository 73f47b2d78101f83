import { existsSync } from "node:fs";
import { join } from "node:path";

/** The version that is installed where the machine has none. */
const VERSION = "4.32.5";

/**
 * The path of Schemathesis: the machine's, or one in a virtualenv below `dir`, made at the first
 * run. Throws an error that names what is missing in one line.
 */
export async function findSchemathesis(dir: string): Promise<string> {
  const installed = Bun.which("schemathesis");
  if (installed) return installed;
  const venv = join(dir, "schemathesis");
  const program = join(venv, "bin/schemathesis");
  if (existsSync(program)) return program;
  const python = Bun.which("python3");
  if (!python) throw new Error("Python 3 is missing: apt-get install python3-venv");
  await run([python, "-m", "venv", venv], "Python's venv is missing: apt-get install python3-venv");
  const pip = [join(venv, "bin/pip"), "install", "--quiet", `schemathesis==${VERSION}`];
  await run(pip, `pip could not install schemathesis==${VERSION}`);
  return program;
}

async function run(command: string[], otherwise: string): Promise<void> {
  const child = Bun.spawn(command, { stdio: ["ignore", "ignore", "pipe"] });
  const errors = await new Response(child.stderr).text();
  if ((await child.exited) === 0) return;
  throw new Error(`${otherwise} (${errors.trim().split("\n").at(-1)})`);
}
