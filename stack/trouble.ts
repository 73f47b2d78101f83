/** Why something does not do its work for us. */
export interface Trouble {
  /** in one clause, without the value of any setting */
  why: string;
  /** whether waiting is of no use: somebody has to change something */
  isFinal: boolean;
  /** whether it does its own work, and another part does not: starting it again is of no use */
  isElsewhere?: boolean;
}

/** What heals by itself, as a server that is starting does. */
export function passing(why: string): Trouble {
  return { why, isFinal: false };
}

/** What another part has to get over. */
export function elsewhere(why: string): Trouble {
  return { why, isFinal: false, isElsewhere: true };
}

/** What somebody has to mend. */
export function final(why: string): Trouble {
  return { why, isFinal: true };
}
