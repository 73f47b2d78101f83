/** What a program has said and how it ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a program of this tree, in this environment alone, until it ends. */
export async function runProgram(
  path: string,
  args: string[],
  env: Record<string, string | undefined> = process.env,
): Promise<Ended> {
  const child = Bun.spawn([process.execPath, path, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}
