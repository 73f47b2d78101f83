import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface WrkOptions {
  url: string;
  /** how long it asks, a whole number of seconds */
  seconds: number;
  /** keep-alive connections, each with one request under way */
  connections: number;
  /** what it asks, as a Lua program of wrk: the file it is in, or its text. Left out, it gets the URL */
  script?: string;
  lua?: string;
  /** `2xx`: any other answer is an error, so that nobody measures refusals by mistake; `any` where refusals are what is measured */
  answers?: "2xx" | "any";
}

/** Longer than any bench lets an answer take: past it wrk counts a timeout, and the measurement is worth nothing. */
const ANSWER_WITHIN_S = 10;

/**
 * Asks an HTTP server as fast as it answers, from one thread of wrk (a generator in JavaScript would take more of the machine than what it
 * measures). Gives the requests a second that were answered. Throws where wrk is missing, or when a connection or an answer failed.
 */
export async function runWrk({ lua, ...options }: WrkOptions): Promise<number> {
  if (lua === undefined) return await askWith(options);
  const directory = await mkdtemp(join(tmpdir(), "lectern-wrk-"));
  try {
    const script = join(directory, "ask.lua");
    await writeFile(script, lua, { mode: 0o600 });
    return await askWith({ ...options, script });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function askWith({
  url,
  seconds,
  connections,
  script,
  answers = "2xx",
}: WrkOptions): Promise<number> {
  const load = ["--threads", "1", "--connections", `${connections}`, "--duration", `${seconds}s`];
  const child = Bun.spawn(
    [
      findWrk(),
      ...load,
      "--timeout",
      `${ANSWER_WITHIN_S}s`,
      ...(script ? ["--script", script] : []),
      "--",
      url,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const [said, complaint, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`wrk ended with code ${code}: ${(complaint || said).trim()}`);
  return readRate(said, answers);
}

/** Reads what wrk says at its end. Throws when it counted anything that makes its rate worth nothing. */
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
