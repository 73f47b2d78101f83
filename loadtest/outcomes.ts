import type { RefinedResponse } from "k6/http";
import { Counter, Rate } from "k6/metrics";

/** k6 has it; its types leave it out. */
declare const console: { warn(line: string): void };

export type Answer = RefinedResponse<"text">;

/** How an answer is called in the tables: `read`, the status of a reservation, the code of a refusal, or one of `broken`. */
export type Outcome = (typeof outcomes)[number];

const answers = new Counter("answers");
/** The share of answers that tell nobody anything: faults of the server, what is not ours, and no answer at all. */
const brokenAnswers = new Rate("broken_answers");
/** The share of answers that send away somebody who could have been served: come again later. */
const turnedAway = new Rate("turned_away");

const settled = ["read", "confirmed", "cancelled", "sold_out", "already_reserved"] as const;
const waiting = ["pending", "not_open", "throttled"] as const;
const away = ["unavailable", "overloaded", "not_ready", "rate_limited"] as const;
const broken = ["unexpected", "no_answer"] as const;

/** Every outcome there is. */
export const outcomes = [...settled, ...waiting, ...away, ...broken] as const;

/** Whether there is nothing to be gained by asking again. After what is broken nothing is known, so there is. */
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
