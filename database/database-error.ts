/**
 * The server's error to a statement, by name and number alone. The client's own error carries the
 * statement with its values, and quotes some in its message: student numbers, which belong in no
 * log.
 */
export class DatabaseError extends Error {
  override name = "DatabaseError";

  constructor(
    /** name of the number, as ER_DUP_ENTRY; ER_4025 for a number with two names or none */
    readonly code: string,
    readonly errno: number,
    readonly sqlState: string,
  ) {
    super(`${code} (${[errno, sqlState].filter(Boolean).join(", ")})`);
  }
}

/**
 * An error that may leave this room: a server error without values, others without the statement.
 */
export function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, errno, sqlState } = error as Partial<DatabaseError>;
  if (errno !== undefined && sqlState !== undefined)
    return new DatabaseError(nameOf(errno, code), errno, sqlState);
  Reflect.deleteProperty(error, "sql");
  return error;
}

/** Numbers 1900 to 1999 and from 4000 on differ in MySQL and MariaDB; the client knows MySQL's. */
function nameOf(errno: number, code: string | undefined): string {
  const hasTwoMeanings = (errno >= 1_900 && errno < 2_000) || errno >= 4_000;
  return code === undefined || hasTwoMeanings ? `ER_${errno}` : code;
}
