import type { GuaranteeName } from "./breach.ts";

/** A mistake in the real code, small enough to pass a review. */
export interface Mutant {
  /** the description, as a person who must find it would put it */
  name: string;
  file: string;
  /** texts of the file, each occurring exactly once, and their replacements */
  edits: [from: string, to: string][];
}

/**
 * How a mutant is found: the first world of a search, by its seed, in which it breaks a guarantee.
 */
export interface Kill {
  seed: number;
  guarantee: GuaranteeName;
}
