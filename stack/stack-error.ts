/** A failure with one line for the operator: what went wrong, and where to look or what to do. */
export class StackError extends Error {
  override name = "StackError";
}
