import { ROOT } from "../../../stack/layout.ts";

export interface Program {
  /** everything written so far */
  written(): string;
  /** stops the program as an operator would, or kills it; returns all that it wrote */
  close(): Promise<string>;
}

const CLOSE_WITHIN_MS = 8_000;

/**
 * Runs one of the services by its entry file, with these settings and nothing else of this process.
 */
export function runProgram(entry: string, env: Record<string, string>): Program {
  const child = Bun.spawn([process.execPath, entry], {
    cwd: ROOT,
    env: { PATH: "/usr/bin:/bin", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const follow = async (output: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const bytes of output) text += decoder.decode(bytes, { stream: true });
  };
  const outputs = Promise.all([follow(child.stdout), follow(child.stderr)]);
  return {
    written: () => text,
    async close() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), CLOSE_WITHIN_MS);
      await child.exited;
      clearTimeout(late);
      await outputs;
      return text;
    },
  };
}
