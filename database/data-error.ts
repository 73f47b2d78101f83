/**
 * Numbers of the errors that refuse a value: the same statement would be refused again. The
 * client's names do not serve: MariaDB's numbers get the names of MySQL's errors.
 */
const dataErrors: ReadonlyMap<number, string> = new Map([
  [1048, "a column that may not be null got none"],
  [1062, "the key is there already"],
  [1153, "the statement is larger than the server takes, and half of it may not be"],
  [1216, "a foreign key is missing"],
  [1217, "a foreign key is in use"],
  [1264, "a number is out of the column's range"],
  [1265, "a value does not fit the column"],
  [1292, "a value is no date or no number"],
  [1364, "a column that has no default got no value"],
  [1365, "a division by zero"],
  [1366, "a value is none of the column's type"],
  [1367, "a value is none of its type"],
  [1406, "a text is longer than the column"],
  [1411, "a value is none that the function takes"],
  [1441, "a moment is beyond what the server can count"],
  [1451, "a foreign key is in use"],
  [1452, "a foreign key is missing"],
  [1525, "a value is wrong"],
  [1526, "no partition of the table takes the value"],
  [1690, "a number is out of its type's range"],
  [1859, "the key is there already"],
  [3819, "a check of the table refuses the row (MySQL)"],
  [4025, "a check of the table refuses the row (MariaDB)"],
]);

/**
 * Whether the database refused the values of a statement. Any other error, known or not, says
 * nothing about the values: the same statement may succeed next time.
 */
export function isDataError(error: unknown): boolean {
  return error instanceof Error && "errno" in error && dataErrors.has(Number(error.errno));
}

/** Whether a unique key refused a row. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && "errno" in error && error.errno === 1062;
}
