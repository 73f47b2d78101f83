import type { StackEnvironment } from "../../stack/environment.ts";
import { ROOT } from "../../stack/layout.ts";
import type { InTurn, Measure } from "./stage.ts";

/**
 * A measured program has its own process, as a service does, free of other programs' garbage and
 * timers.
 */
interface Asked {
  side: "ours" | "bare";
  seconds: number;
}

type Answer = { ready: true } | { perSecond: number } | { error: string };

/** Longer than any measurement, preparation and clearing included, in milliseconds. */
const ANSWER_WITHIN_MS = 300_000;
const ENDS_WITHIN_MS = 10_000;

/**
 * Starts a program that calls `serveSides`. Returns its sides. Rejects if it ends before it is
 * ready; a measure rejects with the process' error.
 *
 * @param entry the program, relative to the source tree
 */
export async function openMeasuredProcess(
  entry: string,
  environment: StackEnvironment,
): Promise<InTurn> {
  let waiting: PromiseWithResolvers<Answer> = Promise.withResolvers();
  const child = Bun.spawn([process.execPath, entry], {
    cwd: ROOT,
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    stdio: ["ignore", "inherit", "inherit"],
    ipc: (answer: Answer) => waiting.resolve(answer),
  });
  void child.exited.then((code) => waiting.resolve({ error: `${entry} ended with code ${code}` }));

  async function answered(): Promise<Answer> {
    const late = setTimeout(waiting.resolve, ANSWER_WITHIN_MS, {
      error: `${entry} does not answer`,
    });
    const answer = await waiting.promise;
    clearTimeout(late);
    if ("error" in answer) throw new Error(answer.error);
    return answer;
  }

  const measure =
    (side: Asked["side"]): Measure =>
    async (seconds) => {
      waiting = Promise.withResolvers();
      child.send({ side, seconds } satisfies Asked);
      const answer = await answered();
      return "perSecond" in answer ? answer.perSecond : 0;
    };

  async function close(): Promise<void> {
    child.kill("SIGTERM");
    const killing = setTimeout(() => child.kill("SIGKILL"), ENDS_WITHIN_MS);
    await child.exited;
    clearTimeout(killing);
  }

  try {
    await answered();
  } catch (error) {
    await close();
    throw error;
  }
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
  const tell = (answer: Answer) => process.send?.(answer);
  process.on("message", async ({ side, seconds }: Asked) => {
    try {
      tell({ perSecond: await sides[side](seconds) });
    } catch (error) {
      tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.once("SIGTERM", async () => {
    await sides.close();
    process.exit(0);
  });
  tell({ ready: true });
}
