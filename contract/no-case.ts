/**
 * Stands in the default of a switch that answers for every case: where a case is missing, it does
 * not compile. A value from outside throws. The TypeError says that the program is mistaken, and
 * that no retry helps.
 */
export function noCase(value: never): never {
  throw new TypeError(`no case handles this ${typeof value}`);
}
