import { type ProblemCode, problems } from "../contract/problems.ts";

/** The retries of requests refused in the same moment spread over this many seconds. */
const RETRY_SPREAD_S = 3;

/** A Retry-After for a 503: soon, and not at the same time for all. */
export function retryAfter(): string {
  return String(1 + Math.floor(Math.random() * RETRY_SPREAD_S));
}

/**
 * Thrown by a route that refuses a request; the app answers `{ code }` with the status of the code.
 */
export class Refusal extends Error {
  override name = "Refusal";

  constructor(readonly code: ProblemCode) {
    super(code);
  }

  get status() {
    return problems[this.code].status;
  }
}
