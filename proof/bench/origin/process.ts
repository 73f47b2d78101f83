import type { StackEnvironment } from "../../../stack/environment.ts";
import { ROOT } from "../../../stack/layout.ts";
import { findFreePorts } from "../../../stack/ports.ts";

const READY_WITHIN_MS = 20_000;

/**
 * Starts an origin in addition to the system's, on a free port. Rejects if it is not ready in time,
 * with nothing left running. Returns it with its environment.
 */
export async function startOrigin(given: StackEnvironment) {
  const port = await findFreePorts(1);
  const environment = { ...given, ORIGIN_URL: `http://127.0.0.1:${port}` };
  const child = Bun.spawn([process.execPath, "origin/main.ts"], {
    cwd: ROOT,
    env: { PATH: "/usr/bin:/bin", ...environment, ORIGIN_PORT: String(port), LOG_LEVEL: "error" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const close = async () => {
    child.kill("SIGTERM");
    await child.exited;
  };
  const endsAtMs = performance.now() + READY_WITHIN_MS;
  while (!(await fetch(`${environment.ORIGIN_URL}/readyz`).catch(() => undefined))?.ok) {
    await Bun.sleep(50);
    if (performance.now() < endsAtMs) continue;
    await close();
    throw new Error(`the origin was not ready within ${READY_WITHIN_MS} ms`);
  }
  return { pid: child.pid, environment, close };
}
