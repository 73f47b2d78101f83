import { ROOT } from "../../../stack/layout.ts";
import { findFreePorts } from "../../../stack/ports.ts";

/** An origin of the bench, in addition to the system's. */
export interface OriginProcess {
  pid: number;
  port: number;
  close(): Promise<void>;
}

const READY_WITHIN_MS = 20_000;

/**
 * Starts an origin on a free port. Rejects if it is not ready in time, with nothing left running.
 */
export async function startOrigin(environment: Record<string, string>): Promise<OriginProcess> {
  const port = await findFreePorts(1);
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
  while (!(await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok) {
    await Bun.sleep(50);
    if (performance.now() < endsAtMs) continue;
    await close();
    throw new Error(`the origin was not ready within ${READY_WITHIN_MS} ms`);
  }
  return { pid: child.pid, port, close };
}
