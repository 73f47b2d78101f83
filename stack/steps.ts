import { Listr } from "listr2";
import colors from "picocolors";

/** One thing to do, named in the list that the operator sees. */
export interface Step {
  name: string;
  /** names of the steps that have to be done before; those that are not in the list count as done */
  needs: string[];
  /** names of the steps that are waited for besides, and may have failed */
  after?: string[];
  /** Does it; may answer a few words to be shown behind its name. */
  run(signal: AbortSignal): Promise<string>;
}

export interface StepsOptions {
  interrupted?: AbortSignal;
  /** show nothing */
  quietly?: boolean;
  /** when one fails, the others go on, but for those that need it */
  thorough?: boolean;
}

/**
 * Runs the steps side by side, each as soon as what it needs is done, and shows each with its time. On `interrupted`, and
 * when one fails, the others are told through their signal; `thorough` lets them go on. Once all have come to rest, the first failure
 * is thrown.
 */
export async function runSteps(
  steps: Step[],
  { interrupted, quietly, thorough = false }: StepsOptions,
): Promise<void> {
  const stopped = new AbortController();
  const signal = AbortSignal.any(interrupted ? [interrupted, stopped.signal] : [stopped.signal]);
  const failures: unknown[] = [];
  const outcomes = new Map<string, Promise<string | undefined>>();
  const begun = Promise.withResolvers<void>();
  for (const step of steps) outcomes.set(step.name, perform(step));
  begun.resolve();
  const show = quietly ? showNothing : process.stdout.isTTY ? showInPlace : showAsLines;
  await show(outcomes);
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];

  /** Answers the line to be shown; undefined for a step that did not come to its end. Never rejects. */
  async function perform(step: Step): Promise<string | undefined> {
    await begun.promise;
    const needed = step.needs.flatMap((name) => outcomes.get(name) ?? []);
    await Promise.all((step.after ?? []).map((name) => outcomes.get(name)));
    const areDone = (await Promise.all(needed)).every((line) => line !== undefined);
    if (signal.aborted || !areDone) return undefined;
    const startedAtMs = performance.now();
    try {
      const note = await step.run(signal);
      return describe(step.name, performance.now() - startedAtMs, note);
    } catch (error) {
      failures.push(error);
      if (!thorough) stopped.abort(error);
      return undefined;
    }
  }
}

type Outcomes = Map<string, Promise<string | undefined>>;

async function showNothing(outcomes: Outcomes): Promise<void> {
  await Promise.all(outcomes.values());
}

async function showAsLines(outcomes: Outcomes): Promise<void> {
  const shown = [...outcomes.values()].map(async (outcome) => {
    const line = await outcome;
    if (line) console.log(`${colors.green("✓")} ${line}`);
  });
  await Promise.all(shown);
}

async function showInPlace(outcomes: Outcomes): Promise<void> {
  const tasks = [...outcomes].map(([title, outcome]) => ({
    title,
    task: async (_: unknown, task: { title: string; skip(): void }) => {
      const line = await outcome;
      if (line) task.title = line;
      else task.skip();
    },
  }));
  await new Listr(tasks, { concurrent: true, registerSignalListeners: false }).run();
}

function describe(name: string, tookMs: number, note: string): string {
  const took = `${(tookMs / 1000).toFixed(1)} s`.padStart(7);
  return `${name.padEnd(16)} ${colors.dim(took)}${note && `  ${colors.dim(note)}`}`;
}
