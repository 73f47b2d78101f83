import { type ProblemCode, problems } from "../contract/problems.ts";

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
