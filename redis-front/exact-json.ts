/** A number that JavaScript would write otherwise than it came, such as 1.0 or one beyond 2^53. */
export class ExactNumber {
  constructor(readonly digits: string) {}

  toString(): string {
    return this.digits;
  }
}

/**
 * Finds where an array may have such a number: a negative zero, 16 digits or more, a point or an
 * exponent. A text that looks like one is found too, which only costs time.
 */
const MAY_ALTER = /[[,]\s*(?:-0|-?(?:\d{16}|\d+[.eE]))/;

/**
 * Does what JSON.parse does, but in arrays gives an ExactNumber where a number's digits would be
 * altered.
 */
export function parseJson(text: string): unknown {
  return MAY_ALTER.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
}

/** JSON.parse tells the text of each number, which TypeScript's own types do not know yet. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  const digits = context?.source;
  const isAltered = typeof value === "number" && digits !== undefined && digits !== String(value);
  return isAltered ? new ExactNumber(digits) : value;
}
