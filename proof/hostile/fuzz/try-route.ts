import fc from "fast-check";
import type { Input } from "./input.ts";
import type { Target } from "./targets.ts";

export interface Tried {
  service: string;
  route: string;
  runs: number;
  tookMs: number;
  /** the count of each refusal's code, or of each other answer's status */
  answers: Record<string, number>;
  /** the finding with its smallest input; absent if all is well */
  failure?: string;
}

export interface TryOptions {
  runs: number;
  seed: number;
  onRun?: () => void;
}

/**
 * Sends a route this many inputs, made from the seed, and checks every answer. The edge's log lines
 * are judged too.
 */
export async function tryRoute(target: Target, { runs, seed, onRun }: TryOptions): Promise<Tried> {
  const answers: Record<string, number> = {};
  const startedMs = performance.now();
  const faults: string[] = [];
  const write = console.error;
  console.error = (line: unknown) => {
    if (String(line).includes('"event":"internal"') || String(line).includes("secret"))
      faults.push(String(line));
  };
  try {
    const property = fc.asyncProperty(target.inputs, async (input) => {
      faults.length = 0;
      const name = await target.check(methodOf(input.method), await target.send(input));
      if (faults[0]) throw new Error(faults[0]);
      answers[name] = (answers[name] ?? 0) + 1;
      onRun?.();
    });
    const found = await fc.check(property, { numRuns: runs, seed });
    const tried = { service: target.service, route: target.route, runs: found.numRuns, answers };
    const tookMs = Math.round(performance.now() - startedMs);
    if (!found.failed) return { ...tried, tookMs };
    return { ...tried, tookMs, failure: tell(found.counterexample?.[0], found.errorInstance) };
  } finally {
    console.error = write;
  }
}

/** The method as the app sees it: a runtime maps an unknown method to GET. */
function methodOf(method: string): string {
  const known = methods.get(method) ?? new Request("http://x", { method }).method;
  methods.set(method, known);
  return known;
}
const methods = new Map<string, string>();

function tell(input: Input | undefined, error: unknown): string {
  const body = input?.body && Buffer.from(input.body.subarray(0, 200)).toString("latin1");
  return `${error instanceof Error ? error.message : error}: ${JSON.stringify({ ...input, body })}`;
}
