import { MAX_WAIT_MS } from "../contract/origin-api.ts";
import type { EdgeContext } from "./context.ts";
import type { OriginAnswer } from "./origin-answers.ts";

/**
 * The client's wait for a decision in milliseconds, by `Prefer: wait=N`, at most MAX_WAIT_MS; 0 if
 * missing or unreadable.
 */
export function waitOf(c: EdgeContext): number {
  const header = c.req.header("prefer");
  if (header === undefined) return 0;
  const seconds = preferenceIn(header, "wait") ?? "";
  return /^[0-9]+$/.test(seconds) ? Math.min(Number(seconds) * 1_000, MAX_WAIT_MS) : 0;
}

/** Notes that the origin waited for a decision, for the answer's headers. */
export function noteWait(c: EdgeContext, waitMs: number, answer: OriginAnswer<unknown>): void {
  if (answer.outcome === "answered" && answer.waited) c.set("waitedMs", waitMs);
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const WORD = `(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*")`;
const EQUALS = "[ \\t]*=[ \\t]*";
const PARAMETERS = `(?:[ \\t]*;(?:[ \\t]*${TOKEN}(?:${EQUALS}${WORD})?)?)*`;

/**
 * One preference with its parameters and the comma behind it. No text matches in two ways: the time
 * of a match grows only with the text's length.
 */
const PREFERENCE = new RegExp(
  `[ \\t,]*(${TOKEN})(?:${EQUALS}(${WORD}))?${PARAMETERS}[ \\t]*(?:,|$)`,
  "y",
);

/**
 * The value of a preference in a Prefer header (RFC 7240), named in lower case. Empty without a
 * value, undefined if missing. The first of several counts. Reading ends at the first malformed
 * part.
 */
export function preferenceIn(header: string, wanted: string): string | undefined {
  PREFERENCE.lastIndex = 0;
  for (let match = PREFERENCE.exec(header); match; match = PREFERENCE.exec(header)) {
    const [, name = "", value = ""] = match;
    if (name.toLowerCase() === wanted) return unquoted(value);
  }
  return undefined;
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value;
}
