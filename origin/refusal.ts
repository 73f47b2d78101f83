import type { Refusal as RefusalBody } from "../contract/origin-api.ts";
import { type ProblemCode, problems } from "../contract/problems.ts";

/** The retries of requests refused in the same moment spread over this many seconds. */
const RETRY_SPREAD_S = 3;

/** A Retry-After for a 503: soon, and not at the same time for all. */
export function retryAfter(): string {
  return String(1 + Math.floor(Math.random() * RETRY_SPREAD_S));
}

/**
 * Thrown by a route that refuses a request; the app answers the body with the status of the code.
 */
export class Refusal extends Error {
  override name = "Refusal";

  constructor(
    readonly code: ProblemCode,
    private readonly facts: Omit<RefusalBody, "code"> = {},
  ) {
    super(code);
  }

  get body(): RefusalBody {
    return { code: this.code, ...this.facts };
  }

  get status() {
    return problems[this.code].status;
  }
}

/** The refusal of a cancel after the last moment for it, in Unix milliseconds. */
export function tooLate(untilMs: number): Refusal {
  return new Refusal("too_late", { cancelUntil: new Date(untilMs).toISOString() });
}
