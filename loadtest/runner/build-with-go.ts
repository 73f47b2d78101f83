import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../../stack/layout.ts";

/** The Go module that pins k6 and all its dependencies. */
const MODULE_DIR = join(ROOT, "loadtest", "k6");

/** The place of Go's own archive; few processes that start by themselves have it on the PATH. */
const USUAL_PLACE = "/usr/local/go/bin/go";

const TAKES_AT_MOST_MS = 20 * 60_000;
const TELL_EVERY_MS = 10_000;

/** The Go on the PATH, or in its makers' usual place. */
export function findGo(): string | undefined {
  return Bun.which("go") ?? (existsSync(USUAL_PLACE) ? USUAL_PLACE : undefined);
}

/** How a wait of minutes is reported, and what ends it. */
export interface Waiting {
  tell(line: string): void;
  interrupted: AbortSignal;
}

/**
 * Builds k6 into the file `target`: minutes of CPU, and a download if Go lacks the sources. Returns
 * Go's last complaint, or undefined after a build.
 */
export async function buildWithGo(
  go: string,
  target: string,
  { tell, interrupted }: Waiting,
): Promise<string | undefined> {
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const part = `${target}.${process.pid}.part`;
  const startedAtMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedAtMs) / 1_000);
  tell("building k6 with Go, once: it takes some minutes");
  const ticking = setInterval(() => tell(`building k6 with Go: ${seconds()} s`), TELL_EVERY_MS);
  try {
    const child = Bun.spawn([go, "build", "-o", part, "go.k6.io/k6/v2"], {
      cwd: MODULE_DIR,
      stdio: ["ignore", "ignore", "pipe"],
      timeout: TAKES_AT_MOST_MS,
      signal: interrupted,
      // On SIGINT Go ends its compilers.
      killSignal: "SIGINT",
    });
    const complaint = (await new Response(child.stderr).text()).trim();
    const exitCode = await child.exited;
    interrupted.throwIfAborted();
    if (exitCode !== 0)
      return complaint.split("\n").at(-1) || `it did not end within ${seconds()} s`;
    // Renamed as a whole, so that half of it is never taken for k6.
    renameSync(part, target);
    return undefined;
  } finally {
    clearInterval(ticking);
    rmSync(part, { force: true });
  }
}
