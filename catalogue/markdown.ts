import { micromark } from "micromark";

/**
 * The HTML of a Markdown text, made once when the text is written. HTML in the text is shown as
 * text, and a link with another scheme than the usual ones leads nowhere.
 */
export function htmlOf(markdown: string): string {
  return micromark(markdown);
}
