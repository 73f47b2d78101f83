import type { GuaranteeName } from "./breach.ts";

/** A text of a file, which occurs exactly once, and its replacement. */
export type Edit = [from: string, to: string];

/** A mistake in the real code, small enough to pass a review. */
export interface Mutant {
  /** the description, as a person who must find it would put it */
  name: string;
  file: string;
  edits: Edit[];
}

/** The mistakes of a room: file → description → one edit or several. */
export type Mistakes = Record<string, Record<string, Edit | Edit[]>>;

/**
 * How a mutant is found: the first world of a search, by its seed, in which it breaks a guarantee.
 */
export interface Kill {
  seed: number;
  guarantee: GuaranteeName;
}
