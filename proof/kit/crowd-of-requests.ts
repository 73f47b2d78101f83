/**
 * Bun reads this variable at the start of a process: the limit of concurrent requests, 256 by
 * default.
 */
const REQUESTS_AT_ONCE = "BUN_CONFIG_MAX_HTTP_REQUESTS";
const REQUESTS_MAX = 60_000;

/** Says whether this process may have the requests of a whole crowd in flight. */
export function hasRoomForACrowd(): boolean {
  return process.env[REQUESTS_AT_ONCE] !== undefined;
}

/**
 * Runs a program of this tree in a process with room for a whole crowd. An interrupt ends that
 * process first. Returns its exit code.
 */
export async function runWithRoom(program: string, args: string[]): Promise<number> {
  const child = Bun.spawn([process.execPath, program, ...args], {
    env: { ...process.env, [REQUESTS_AT_ONCE]: String(REQUESTS_MAX) },
    stdio: ["inherit", "inherit", "inherit"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => child.kill(signal));
  return await child.exited;
}
