/** Bun reads it when a process starts: how many requests may be under way at once, 256 where nobody says. */
const REQUESTS_AT_ONCE = "BUN_CONFIG_MAX_HTTP_REQUESTS";
const REQUESTS_MAX = 60_000;

/** Whether this process may have the requests of a whole crowd under way at once. */
export function hasRoomForACrowd(): boolean {
  return process.env[REQUESTS_AT_ONCE] !== undefined;
}

/** Runs a program of this tree in a process that has room for a whole crowd; an interrupt ends that one first. Gives its exit code. */
export async function runWithRoom(program: string, args: string[]): Promise<number> {
  const child = Bun.spawn([process.execPath, program, ...args], {
    env: { ...process.env, [REQUESTS_AT_ONCE]: String(REQUESTS_MAX) },
    stdio: ["inherit", "inherit", "inherit"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => child.kill(signal));
  return await child.exited;
}
