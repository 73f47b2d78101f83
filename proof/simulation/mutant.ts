import type { GuaranteeName } from "./breach.ts";

/** A mistake in the real code, small enough to slip through a review. */
export interface Mutant {
  /** in the words of somebody who has to find it */
  name: string;
  file: string;
  /** what stands in the file, each exactly once, and what the mistake makes of it */
  edits: [from: string, to: string][];
}

/** How a mutant is found: the first world of a search, by its seed, in which it breaks a guarantee. */
export interface Kill {
  seed: number;
  guarantee: GuaranteeName;
}
