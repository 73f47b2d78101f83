import { join } from "node:path";
import { ROOT } from "../../stack/layout.ts";
import { buildWithGo, findGo } from "./build-with-go.ts";

/** Where the load generator is put when Go builds it: kept, since that takes minutes. */
const BUILT = join(ROOT, ".stack", "k6");
const IMAGE = "grafana/k6:2.2.0";
const MAJOR = 2;

/** A k6 that runs here. The environment of the scripts has to be handed over as `-e NAME=VALUE`. */
export interface K6 {
  /** what to put before `run SCRIPT`, given the names of k6's own settings in the environment */
  command(settings: string[]): string[];
}

/** Why there is no k6, in one line that says what to do. */
export class K6Missing extends Error {}

/** Finds k6: on the PATH, built before, by Go from the pinned module, or in Docker. Throws K6Missing where none of that gives one. */
export async function findK6(tell: (line: string) => void): Promise<K6> {
  for (const program of ["k6", BUILT]) if (await isK6([program])) return { command: () => [program] };
  const go = findGo();
  const complaint = go ? await buildWithGo(go, BUILT, tell) : "no Go";
  if (!complaint) return { command: () => [BUILT] };
  if (go) tell(`Go could not build k6: ${complaint}`);
  if (Bun.which("docker")) tell(`looking for k6 in Docker: ${IMAGE}`);
  if (await isK6(inDocker([]))) return { command: inDocker };
  const builtBy = go ? `Go could not build it (${complaint})` : "Go is not there to build it";
  throw new K6Missing(
    `k6 v${MAJOR} is not here: ${builtBy}, nor does Docker have it. Put k6 on the PATH (https://grafana.com/docs/k6/latest/set-up/install-k6/), or install Go 1.25`,
  );
}

/** In a container that shares the network and this tree with us, as the same user, so that what it writes is ours. */
function inDocker(settings: string[]): string[] {
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  const shared = ["--network=host", `--user=${user}`, `--volume=${ROOT}:${ROOT}`];
  // Without a value: docker takes it from its own environment.
  const handedOn = settings.map((name) => `--env=${name}`);
  return ["docker", "run", "--rm", "--init", ...shared, ...handedOn, IMAGE];
}

async function isK6(command: string[]): Promise<boolean> {
  if (!Bun.which(command[0] ?? "")) return false;
  const version = await Bun.$`${command} version`.quiet().nothrow().text();
  return version.includes(`v${MAJOR}.`);
}
