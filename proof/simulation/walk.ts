import type { GuaranteeName } from "./breach.ts";
import { makeIntents } from "./rids.ts";
import { run } from "./run.ts";
import { warmUp } from "./warm-up.ts";

export interface WalkOptions {
  seed: number;
  stride: number;
  steps: number;
  limitMs: number;
  /** called from time to time */
  onProgress?: (walked: Walked) => void;
}

/** The walk so far; it ends with the first breach. */
export interface Walked {
  worlds: number;
  steps: number;
  breach?: { seed: number; guarantee: GuaranteeName; what: string };
}

const TELL_EVERY_MS = 500;

/** Steps world after world until the steps or the time are used up, or a guarantee is broken. */
export async function walk(options: WalkOptions): Promise<Walked> {
  const { seed, stride, steps, limitMs, onProgress } = options;
  await warmUp();
  const intents = makeIntents();
  const startedAtMs = performance.now();
  const walked: Walked = { worlds: 0, steps: 0 };
  let toldAtMs = startedAtMs;
  for (let next = seed; walked.steps < steps; next += stride) {
    const nowMs = performance.now();
    if (nowMs - startedAtMs > limitMs) break;
    if (nowMs - toldAtMs > TELL_EVERY_MS) {
      toldAtMs = nowMs;
      onProgress?.(walked);
    }
    const outcome = run({ seed: next, intents });
    walked.worlds += 1;
    walked.steps += outcome.steps;
    if (outcome.breach) {
      const { guarantee, what } = outcome.breach;
      return { ...walked, breach: { seed: next, guarantee, what } };
    }
  }
  return walked;
}
