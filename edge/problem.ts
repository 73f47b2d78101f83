import { type ProblemCode, problems } from "../contract/problems.ts";
import { answer, requestIdOf } from "./answer.ts";
import type { EdgeContext } from "./context.ts";

export type Language = "en" | "zh";

/** What a refusal may say beyond its code. */
export interface ProblemExtras {
  /** one more sentence for this very case */
  detail?: Record<Language, string>;
  /** at least how long to wait before trying again, in milliseconds */
  retryAfterMs?: number;
  headers?: Record<string, string>;
  /** further members of the problem details */
  members?: Record<string, string | number>;
}

/** Thrown where a request is found not to be valid; the app answers it with problem details. */
export class Refused extends Error {
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, extras: ProblemExtras = {}) {
    super(code);
    this.code = code;
    this.extras = extras;
  }
}

/** Problem details (RFC 9457) in the reader's language. Every 429 and 503 tells when to come back. */
export function problem(c: EdgeContext, code: ProblemCode, extras: ProblemExtras = {}): Response {
  const { status } = problems[code];
  const language = languageOf(c);
  c.set("code", code);
  const headers: Record<string, string> = { ...HEADERS[language] };
  if (extras.headers) Object.assign(headers, extras.headers);
  if (status === 429 || status === 503) headers["Retry-After"] = retryAfter(extras.retryAfterMs ?? 0);
  else if (extras.retryAfterMs !== undefined)
    headers["Retry-After"] = String(wholeSeconds(extras.retryAfterMs));
  return answer(c, status, detailsText(code, language, requestIdOf(c), extras), headers);
}

const HEADERS = { en: headersIn("en"), zh: headersIn("zh") };

function headersIn(language: Language) {
  return {
    "Content-Type": "application/problem+json",
    "Content-Language": language,
    "Cache-Control": "no-store",
    Vary: "Accept-Language",
  };
}

/** The text of the details. What is the same for every request of a kind is put into JSON once. */
function detailsText(
  code: ProblemCode,
  language: Language,
  requestId: string,
  { detail, members }: ProblemExtras,
): string {
  const more =
    detail || members ? JSON.stringify({ ...(detail && { detail: detail[language] }), ...members }) : "{}";
  beginnings[language][code] ??= beginning(code, language);
  const begins = beginnings[language][code];
  const last = more === "{}" ? "}" : `,${more.slice(1)}`;
  return `${begins}"instance":"urn:uuid:${requestId}"${last}`;
}

type Beginnings = Record<string, string | undefined>;

const beginnings: Record<Language, Beginnings> = { en: {}, zh: {} };

function beginning(code: ProblemCode, language: Language): string {
  const { status, [language]: title } = problems[code];
  const details = { type: `urn:lectern:problem:${code}`, title, status, code };
  return `${JSON.stringify(details).slice(0, -1)},`;
}

/** How far apart clients that were all refused in the same moment are sent to come back, in seconds. */
const RETRY_SPREAD_S = 3;

/** A Retry-After value of at least `waitMs`, spread so that those who were refused together do not return together. */
export function retryAfter(waitMs: number): string {
  return String(wholeSeconds(waitMs) + Math.floor(Math.random() * RETRY_SPREAD_S));
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

/** An Accept-Language header is read up to this length; nobody prefers so many. */
const LANGUAGES_LENGTH_MAX = 200;

/** The language the reader prefers by Accept-Language (RFC 9110, 12.5.4); English when none of ours is asked for. */
export function languageOf(c: EdgeContext): Language {
  const accepted = c.req.header("Accept-Language");
  if (!accepted) return "en";
  let preferred: Language = "en";
  let best = 0;
  for (const range of accepted.slice(0, LANGUAGES_LENGTH_MAX).split(",")) {
    const match = /^\s*(en|zh)(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i.exec(range);
    const quality = match ? Number(match[2] ?? 1) : 0;
    if (match && quality > best) {
      best = quality;
      preferred = match[1]?.toLowerCase() === "zh" ? "zh" : "en";
    }
  }
  return preferred;
}
