import { join } from "node:path";
import { ROOT } from "../../stack/layout.ts";
import { buildWithGo, findGo, type Waiting } from "./build-with-go.ts";

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

/** A program says at once which it is; an image may have to be fetched first. */
const SAYS_WITHIN_MS = { program: 10_000, image: 300_000 };

/** Finds k6: on the PATH, built before, by Go from the pinned module, or in Docker. Throws K6Missing where none of that gives one. */
export async function findK6(waiting: Waiting): Promise<K6> {
  for (const program of ["k6", BUILT])
    if (await isK6([program], SAYS_WITHIN_MS.program)) return { command: () => [program] };
  const notByGo = await byGo(waiting);
  if (!notByGo) return { command: () => [BUILT] };
  const notInDocker = await byDocker(waiting);
  if (!notInDocker) return { command: inDocker };
  throw new K6Missing(
    `k6 v${MAJOR} is not here (${notByGo}; ${notInDocker}): put it on the PATH, https://grafana.com/docs/k6/latest/set-up/install-k6/, or install Go 1.25`,
  );
}

/** Answers why Go gave none, or undefined where it did. */
async function byGo(waiting: Waiting): Promise<string | undefined> {
  const go = findGo();
  if (!go) return "no Go to build it";
  const complaint = await buildWithGo(go, BUILT, waiting);
  return complaint && `Go could not build it: ${complaint}`;
}

/** Answers why Docker has none, or undefined where it has. */
async function byDocker({ tell, interrupted }: Waiting): Promise<string | undefined> {
  if (!Bun.which("docker")) return "no Docker";
  tell(`looking for k6 in Docker: ${IMAGE}`);
  const isThere = await isK6(inDocker([]), SAYS_WITHIN_MS.image, interrupted);
  interrupted.throwIfAborted();
  return isThere ? undefined : `Docker cannot run ${IMAGE}`;
}

/** In a container that shares the network and this tree with us, as the same user, so that what it writes is ours. */
function inDocker(settings: string[]): string[] {
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  const shared = ["--network=host", `--user=${user}`, `--volume=${ROOT}:${ROOT}`];
  // Without a value: docker takes it from its own environment.
  const handedOn = settings.map((name) => `--env=${name}`);
  return ["docker", "run", "--rm", "--init", ...shared, ...handedOn, IMAGE];
}

async function isK6(
  command: string[],
  withinMs: number,
  interrupted?: AbortSignal,
): Promise<boolean> {
  const [program = "", ...args] = command;
  const path = Bun.which(program);
  if (!path) return false;
  const child = Bun.spawn([path, ...args, "version"], {
    stdio: ["ignore", "pipe", "ignore"],
    timeout: withinMs,
    ...(interrupted && { signal: interrupted }),
  });
  return (await new Response(child.stdout).text()).includes(`v${MAJOR}.`);
}
