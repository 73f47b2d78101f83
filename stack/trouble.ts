/** Why something does not do its work for us. */
export interface Trouble {
  /** in one clause, without the value of any setting */
  why: string;
  /** whether waiting is of no use: somebody has to change something */
  isFinal: boolean;
}

/** What heals by itself, as a server that is starting does. */
export function passing(why: string): Trouble {
  return { why, isFinal: false };
}

/** What somebody has to mend. */
export function final(why: string): Trouble {
  return { why, isFinal: true };
}
