/** A failure that is told to the operator in its one line: what went wrong, and where to look or what to do. */
export class StackError extends Error {
  override name = "StackError";
}
