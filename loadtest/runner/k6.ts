import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../stack/layout.ts";

/** Where the load generator is put when Go builds it: kept, since that takes minutes. */
const BUILT = join(ROOT, ".stack", "k6");
const MODULE_DIR = join(ROOT, "loadtest", "k6");
const IMAGE = "grafana/k6:2.2.0";
const MAJOR = 2;

/** What to put before `run SCRIPT`; the environment of the scripts has to be handed over as `-e NAME=VALUE`. */
export type K6 = readonly string[];

export const HOW_TO_GET_IT =
  "k6 v2 is not here: put it on the PATH (https://grafana.com/docs/k6/latest/set-up/install-k6/), or install Go 1.26 or Docker and run this again";

/** Finds k6: on the PATH, built before, by Go from the pinned module, or in Docker; undefined where none of that is there. */
export async function findK6(tell: (line: string) => void): Promise<K6 | undefined> {
  for (const program of ["k6", BUILT]) if (await isK6(program)) return [program];
  if (Bun.which("go") && (await buildWithGo(tell))) return [BUILT];
  if (!Bun.which("docker")) return undefined;
  const asUser = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  return ["docker", "run", "--rm", "--network=host", `--user=${asUser}`, `--volume=${ROOT}:${ROOT}`, IMAGE];
}

async function isK6(program: string): Promise<boolean> {
  if (!existsSync(program) && !Bun.which(program)) return false;
  const version = await Bun.$`${program} version`.quiet().nothrow().text();
  return version.includes(`v${MAJOR}.`);
}

async function buildWithGo(tell: (line: string) => void): Promise<boolean> {
  tell("building k6 with Go, once: some minutes …");
  mkdirSync(join(ROOT, ".stack"), { recursive: true, mode: 0o700 });
  const built = await Bun.$`go build -o ${BUILT} go.k6.io/k6/v2`.cwd(MODULE_DIR).quiet().nothrow();
  if (built.exitCode !== 0)
    tell(`Go could not build it: ${built.stderr.toString().trim().split("\n").at(-1)}`);
  return built.exitCode === 0;
}
