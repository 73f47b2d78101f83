import { type ProblemCode, problems } from "../contract/problems.ts";

/** How far apart those who were refused in the same moment are sent to come back, in seconds. */
const RETRY_SPREAD_S = 3;

/** A Retry-After for a 503: soon, and not all at once. */
export function retryAfter(): string {
  return String(1 + Math.floor(Math.random() * RETRY_SPREAD_S));
}

/** Thrown by a route that will not do what is asked; the app answers `{ code }` with the status of the code. */
export class Refusal extends Error {
  override name = "Refusal";

  constructor(readonly code: ProblemCode) {
    super(code);
  }

  get status() {
    return problems[this.code].status;
  }
}
