/** A number whose digits JavaScript would alter, such as 1.0 or a number beyond 2^53. */
export class ExactNumber {
  constructor(readonly digits: string) {}

  toString(): string {
    return this.digits;
  }
}

/**
 * Matches where an array may hold such a number: a negative zero, 16 digits or more, a point or an
 * exponent. A match inside a string only costs time.
 */
const MAY_ALTER = /[[,]\s*(?:-0|-?(?:\d{16}|\d+[.eE]))/;

/**
 * JSON.parse, except that a number in an array whose digits would be altered is an ExactNumber.
 * Throws SyntaxError as JSON.parse does.
 */
export function parseJson(text: string): unknown {
  return MAY_ALTER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

/** JSON.parse passes the source text of each number. TypeScript's own types do not know it yet. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  const digits = context?.source;
  const isAltered = typeof value === "number" && digits !== undefined && digits !== String(value);
  return isAltered ? new ExactNumber(digits) : value;
}
