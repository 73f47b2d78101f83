/** Ends a command: what is wrong, and what to do next. */
export class Trouble extends Error {
  override name = "Trouble";

  /** @param body the server's answer, for --json */
  constructor(
    message: string,
    readonly next?: string,
    readonly body?: unknown,
  ) {
    super(message);
  }
}

/** A command line that makes no sense. */
export class WrongUsage extends Error {
  override name = "WrongUsage";
}

/** What to do about a refusal, by its code. */
const NEXT: Record<string, string> = {
  unauthenticated:
    "Give a token by LECTERN_TOKEN or --token-file; in the local stack: " +
    "npm run lectern -- sign-in --student NUMBER --role organiser --hosts campus",
  forbidden: "The token is of a student: sign in as an organiser.",
  lecture_not_found:
    "It does not exist, or the token names another host: npm run lectern -- lectures list",
  host_not_found: "The host does not exist, or the token does not name it.",
  version_conflict: "Look at it with lectures show, then try again.",
  seats_given: "Without --strict the capacity sinks as seats come back.",
  key_reused: "Leave out --key, or give another.",
  body_too_large: "Split the file: a request takes 1 MB.",
  rate_limited: "Wait a moment, then try again.",
  unavailable: "Try again with the same --key: nothing is done twice.",
  overloaded: "Try again with the same --key: nothing is done twice.",
};

export function nextAfter(code: string): string | undefined {
  return Object.hasOwn(NEXT, code) ? NEXT[code] : undefined;
}
