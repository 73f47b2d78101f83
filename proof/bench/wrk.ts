import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface WrkOptions {
  url: string;
  /** the duration, a whole number of seconds */
  seconds: number;
  /** keep-alive connections, each with one request under way */
  connections: number;
  /** the requests, as a Lua program of wrk */
  lua: string;
  /**
   * `2xx`: any other answer is an error, so that refusals are never measured by mistake; `any`:
   * refusals are measured
   */
  answers?: "2xx" | "any";
}

/**
 * Longer than any bench lets an answer take. A longer answer is a timeout for wrk, and the
 * measurement is worthless.
 */
const ANSWER_WITHIN_S = 10;

/**
 * Asks an HTTP server as fast as it answers, from one thread of wrk. A generator in JavaScript would
 * take more CPU than the measured program. Returns the answered requests per second. Throws if wrk
 * is missing, or if a connection or an answer failed.
 */
export async function runWrk(options: WrkOptions): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "lectern-wrk-"));
  try {
    const script = join(directory, "ask.lua");
    await writeFile(script, options.lua, { mode: 0o600 });
    return await askWith(script, options);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function askWith(
  script: string,
  { url, seconds, connections, answers = "2xx" }: WrkOptions,
): Promise<number> {
  const load = ["--threads", "1", "--connections", `${connections}`, "--duration", `${seconds}s`];
  const settings = ["--timeout", `${ANSWER_WITHIN_S}s`, "--script", script];
  const child = Bun.spawn([findWrk(), ...load, ...settings, "--", url], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [said, complaint, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`wrk ended with code ${code}: ${(complaint || said).trim()}`);
  return readRate(said, answers);
}

/** Reads wrk's final report. Throws if it counted an error that makes its rate worthless. */
export function readRate(said: string, answers: "2xx" | "any"): number {
  const errors = /Socket errors: (.*)/.exec(said)?.[1];
  if (errors) throw new Error(`wrk met socket errors: ${errors}`);
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(said)?.[1];
  if (refused && answers === "2xx") throw new Error(`${refused} answers to wrk were refusals`);
  const rate = Number(/Requests\/sec:\s+([\d.]+)/.exec(said)?.[1]);
  if (!(rate > 0)) throw new Error(`wrk got no answer: ${said.trim()}`);
  return rate;
}

function findWrk(): string {
  const path = Bun.which("wrk");
  if (path) return path;
  throw new Error("the stages over HTTP are measured with wrk: apt-get install wrk");
}
