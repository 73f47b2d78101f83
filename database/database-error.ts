/**
 * What the server said to a statement, by its names alone. The client's own error carries the whole statement with all its values, and a
 * message that quotes some of them: users' student numbers, which belong in no log.
 */
export class DatabaseError extends Error {
  override name = "DatabaseError";

  constructor(
    /** the server's name for it, such as ER_DUP_ENTRY */
    readonly code: string,
    readonly errno: number,
    readonly sqlState: string,
  ) {
    super(`${code} (${errno}, ${sqlState})`);
  }
}

/** An error as it may leave this room: a refusal of the server without values, anything else as it is but for its statement. */
export function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, errno, sqlState } = error as Partial<DatabaseError>;
  if (code && errno && sqlState) return new DatabaseError(code, errno, sqlState);
  Reflect.deleteProperty(error, "sql");
  return error;
}
