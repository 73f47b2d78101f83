/** A number of JSON that JavaScript would write otherwise, such as 1.0 or one beyond 2^53; as text it is as it came. */
export class ExactNumber {
  constructor(readonly digits: string) {}

  toString(): string {
    return this.digits;
  }
}

/**
 * Where a number of an array may be that is not written back as it came: a negative zero, one with 16 digits or more, with a point or an
 * exponent. What looks like one inside a text counts too, and costs only time.
 */
const MAY_ALTER = /[[,]\s*(?:-0|-?(?:\d{16}|\d+[.eE]))/;

/** Parses JSON as JSON.parse does and throws as it does. A number in an array whose digits would be altered becomes an ExactNumber. */
export function parseJson(text: string): unknown {
  return MAY_ALTER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

/** JSON.parse tells the text of each number, which TypeScript's own types do not know yet. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  const digits = context?.source;
  const isAltered = typeof value === "number" && digits !== undefined && digits !== String(value);
  return isAltered ? new ExactNumber(digits) : value;
}
