import { join } from "node:path";
import { ROOT } from "../../stack/layout.ts";
import { buildWithGo, findGo, type Waiting } from "./build-with-go.ts";

/** Where the k6 that Go builds is kept: a build takes minutes. */
const BUILT = join(ROOT, ".stack", "k6");
const IMAGE = "grafana/k6:2.2.0";
const MAJOR = 2;

/** A k6 that runs here. Scripts get their environment as `-e NAME=VALUE`. */
export interface K6 {
  /** the command before `run SCRIPT`; `settings` names k6's own settings in the environment */
  command(settings: string[]): string[];
}

/** Thrown without a k6; one line says what to do. */
export class K6Missing extends Error {}

/**
 * How long k6 may take to say its version, in milliseconds. A program answers at once; an image may
 * have to be fetched first.
 */
const SAYS_WITHIN_MS = { program: 10_000, image: 300_000 };

/**
 * Finds k6: on the PATH, built before, built by Go from the pinned module, or in Docker. Throws
 * K6Missing without any.
 */
export async function findK6(waiting: Waiting): Promise<K6> {
  for (const program of ["k6", BUILT])
    if (await isK6([program], SAYS_WITHIN_MS.program)) return { command: () => [program] };
  const notByGo = await byGo(waiting);
  if (!notByGo) return { command: () => [BUILT] };
  const notInDocker = await byDocker(waiting);
  if (!notInDocker) return { command: inDocker };
  throw new K6Missing(
    `k6 v${MAJOR} is not here (${notByGo}; ${notInDocker}): ` +
      "put it on the PATH, https://grafana.com/docs/k6/latest/set-up/install-k6/, " +
      "or install Go 1.25",
  );
}

/** Returns why Go gave no k6; undefined if it did. */
async function byGo(waiting: Waiting): Promise<string | undefined> {
  const go = findGo();
  if (!go) return "no Go to build it";
  const complaint = await buildWithGo(go, BUILT, waiting);
  return complaint && `Go could not build it: ${complaint}`;
}

/** Returns why Docker has no k6; undefined if it has. */
async function byDocker({ tell, interrupted }: Waiting): Promise<string | undefined> {
  if (!Bun.which("docker")) return "no Docker";
  tell(`looking for k6 in Docker: ${IMAGE}`);
  const isThere = await isK6(inDocker([]), SAYS_WITHIN_MS.image, interrupted);
  interrupted.throwIfAborted();
  return isThere ? undefined : `Docker cannot run ${IMAGE}`;
}

/** A container with our network and this tree, as the same user: its files are ours. */
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
