import type { StackEnvironment } from "../../stack/environment.ts";
import { ROOT } from "../../stack/layout.ts";
import { LISTENING, type ServedEdge, serveProgram } from "../../test/edge-runtimes.ts";
import type { InTurn, Measure } from "./stage.ts";

/** Longer than any measurement, preparation and clearing included, in milliseconds. */
const ANSWER_WITHIN_MS = 300_000;

/**
 * Starts a program on Bun, in a process of its own, and waits until it says that it listens.
 *
 * @param entry the program, relative to the source tree
 */
export function startProgram(entry: string, env: Record<string, string>): Promise<ServedEdge> {
  const launcher = { command: [process.execPath, entry], cwd: ROOT, portOf: LISTENING };
  return serveProgram(async () => launcher, env);
}

/**
 * Starts a program that calls `serveSides`: as a service has, a process free of other programs'
 * garbage and timers. Returns its sides. A measure rejects with the process' error.
 */
export async function openMeasuredProcess(
  entry: string,
  environment: StackEnvironment,
): Promise<InTurn> {
  const { url, close } = await startProgram(entry, environment);
  const measure =
    (side: "ours" | "bare"): Measure =>
    async (seconds) => {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const answer = await fetch(`${url}/${side}/${seconds}`, { signal });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
      return Number(text);
    };
  return { ours: measure("ours"), bare: measure("bare"), close };
}

/** The environment that a measured program got from `openMeasuredProcess`. */
export function measuredEnvironment(): StackEnvironment {
  return process.env as StackEnvironment;
}

/**
 * The other end, called by the program when it can measure. It serves measurements one after
 * another until SIGTERM.
 */
export function serveSides(sides: InTurn): void {
  const answer = (side: Measure) => async (request: Bun.BunRequest<"/:seconds">) =>
    new Response(String(await side(Number(request.params.seconds))));
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    routes: { "/ours/:seconds": answer(sides.ours), "/bare/:seconds": answer(sides.bare) },
    error: ({ stack, message }) => new Response(stack ?? message, { status: 500 }),
  });
  process.once("SIGTERM", async () => {
    await sides.close();
    process.exit(0);
  });
  console.log(JSON.stringify({ event: "listening", url: server.url.href }));
}
