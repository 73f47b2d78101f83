import type { RefinedResponse } from "k6/http";
import { Counter, Rate } from "k6/metrics";

/** k6 has it; its types leave it out. */
declare const console: { warn(line: string): void };

export type Answer = RefinedResponse<"text">;

/**
 * An answer's name in the tables: `read`, a reservation's status, a refusal's code, or one of
 * `broken`.
 */
export type Outcome = (typeof outcomes)[number];

const answers = new Counter("answers");
/**
 * The share of answers that say nothing: server faults, answers outside the contract, and no answer
 * at all.
 */
const brokenAnswers = new Rate("broken_answers");
/** The share of answers that say "come again later" to a student who could have been served. */
const turnedAway = new Rate("turned_away");

const settled = ["read", "confirmed", "cancelled", "sold_out", "already_reserved"] as const;
const waiting = ["pending", "not_open", "throttled"] as const;
const away = ["unavailable", "overloaded", "not_ready", "rate_limited"] as const;
const broken = ["unexpected", "no_answer"] as const;

export const outcomes = [...settled, ...waiting, ...away, ...broken] as const;

/** Whether asking again gains nothing. A broken answer settles nothing. */
export function isSettled(outcome: Outcome): boolean {
  return isOneOf(settled, outcome);
}

/** Names the answer to a call, and counts it. */
export function outcomeOf(answer: Answer, call: string): Outcome {
  const name = nameOf(answer);
  const outcome = isOneOf(outcomes, name) ? name : "unexpected";
  if (outcome === "unexpected") console.warn(`${call} was answered ${answer.status} ${name}`);
  answers.add(1, { call, outcome });
  brokenAnswers.add(isOneOf(broken, outcome));
  turnedAway.add(isOneOf(away, outcome));
  return outcome;
}

export function textOf(answer: Answer, field: string): string {
  try {
    const value = answer.json(field);
    return typeof value === "string" ? value : "";
  } catch {
    return "";
  }
}

function nameOf(answer: Answer): string {
  if (answer.status === 0) return "no_answer";
  if (answer.status >= 300) return textOf(answer, "code");
  if (answer.request.method === "GET") return "read";
  const status = textOf(answer, "status");
  return status === "rejected" ? textOf(answer, "reason") : status || "read";
}

function isOneOf<Name extends string>(names: readonly Name[], name: string): name is Name {
  return names.some((one) => one === name);
}
