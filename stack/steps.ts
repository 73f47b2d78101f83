import { Listr } from "listr2";
import colors from "picocolors";

/** One thing to do, with its name in the operator's list. */
export interface Step {
  name: string;
  /** steps that must be done before, by name; steps that are not in the list count as done */
  needs: string[];
  /** steps to wait for that may fail, by name */
  after?: string[];
  /** Does the step. Gives a short note that is shown behind its name. */
  run(signal: AbortSignal): Promise<string>;
}

export interface StepsOptions {
  interrupted?: AbortSignal;
  /** show nothing */
  quietly?: boolean;
  /** after a failure, go on with the steps that do not need the failed one */
  thorough?: boolean;
}

/**
 * Runs the steps side by side, each as soon as its needs are done, and shows each with its time.
 * `interrupted` and a failure abort the other steps through their signal; `thorough` lets them go
 * on after a failure. Throws the first failure once all steps have come to rest.
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

  /** Gives the line to show; undefined for a step that did not finish. Never rejects. */
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
