/**
 * What the server said to a statement, by its names alone. The client's own error carries the whole statement with all its values, and a
 * message that quotes some of them: users' student numbers, which belong in no log.
 */
export class DatabaseError extends Error {
  override name = "DatabaseError";

  constructor(
    /** the number's name, as ER_DUP_ENTRY; a number with two names or none stays one, as ER_4025 */
    readonly code: string,
    readonly errno: number,
    readonly sqlState: string,
  ) {
    super(`${code} (${[errno, sqlState].filter(Boolean).join(", ")})`);
  }
}

/** An error as it may leave this room: a refusal of the server without values, anything else as it is but for its statement. */
export function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, errno, sqlState } = error as Partial<DatabaseError>;
  if (errno !== undefined && sqlState !== undefined)
    return new DatabaseError(nameOf(errno, code), errno, sqlState);
  Reflect.deleteProperty(error, "sql");
  return error;
}

/**
 * MySQL and MariaDB share the numbers 1900 to 1999 and from 4000 on; the client knows MySQL's
 * names.
 */
function nameOf(errno: number, code: string | undefined): string {
  const hasTwoMeanings = (errno >= 1_900 && errno < 2_000) || errno >= 4_000;
  return code === undefined || hasTwoMeanings ? `ER_${errno}` : code;
}
