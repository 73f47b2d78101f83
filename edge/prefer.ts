import { MAX_WAIT_MS } from "../contract/origin-api.ts";
import type { EdgeContext } from "./context.ts";
import type { OriginAnswer } from "./origin-answers.ts";

/**
 * How long the client would wait for a decision, in milliseconds: `Prefer: wait=N`, at most MAX_WAIT_MS; 0 when it did not say, or not in a
 * form that can be read.
 */
export function waitOf(c: EdgeContext): number {
  const header = c.req.header("prefer");
  if (header === undefined) return 0;
  const seconds = preferenceIn(header, "wait") ?? "";
  return /^[0-9]+$/.test(seconds) ? Math.min(Number(seconds) * 1_000, MAX_WAIT_MS) : 0;
}

/** Takes note that the origin waited for a decision, so that the answer tells which wait was applied. */
export function noteWait(c: EdgeContext, waitMs: number, answer: OriginAnswer<unknown>): void {
  if (answer.outcome === "answered" && answer.waited) c.set("waitedMs", waitMs);
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const WORD = `(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*")`;
const EQUALS = "[ \\t]*=[ \\t]*";
const PARAMETERS = `(?:[ \\t]*;(?:[ \\t]*${TOKEN}(?:${EQUALS}${WORD})?)?)*`;

/** One preference with its parameters, and the comma behind it. No text can be read in two ways, so the time of a match grows only as the text does. */
const PREFERENCE = new RegExp(`[ \\t,]*(${TOKEN})(?:${EQUALS}(${WORD}))?${PARAMETERS}[ \\t]*(?:,|$)`, "y");

/**
 * The value of a preference in a Prefer header (RFC 7240), by its name in lower case: empty when it has none, undefined when it is not there. The
 * first of several counts. What comes behind a part that is no preference is not read.
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
