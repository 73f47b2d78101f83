/** Why a part or a server does not do its work for us. */
export interface Trouble {
  /** in one clause, without the value of any setting */
  why: string;
  /** whether waiting is useless: somebody has to change something */
  isFinal: boolean;
  /** whether another part is at fault: starting this one again is useless */
  isElsewhere?: boolean;
}

/** Trouble that passes by itself, as of a starting server. */
export function passing(why: string): Trouble {
  return { why, isFinal: false };
}

/** Trouble that another part causes. */
export function elsewhere(why: string): Trouble {
  return { why, isFinal: false, isElsewhere: true };
}

/** Trouble that somebody has to mend. */
export function final(why: string): Trouble {
  return { why, isFinal: true };
}
