/** A cell that a spreadsheet would take for a formula, perhaps guarded already. */
const FORMULA = /^'*[=+\-@\t\r]/;
const GUARDED = /^'+[=+\-@\t\r]/;

/**
 * Puts `'` before a text that a spreadsheet would run as a formula. Anybody may have written it,
 * and an organiser opens the file.
 */
export function guarded(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

/** Undoes `guarded`: a file that comes back holds what was written. */
export function unguarded(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell;
}
