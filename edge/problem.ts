import { type ProblemCode, problems, problemType } from "../contract/problems.ts";
import { preferenceApplied, requestIdOf, standingHeaders } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import { cameOverTls } from "./over-tls.ts";
import { type Answered, type Respond, respondAlike } from "./respond-alike.ts";

export type Language = "en" | "zh";

/** The content of a refusal beyond its code. */
export interface ProblemExtras {
  /** one more sentence for this case */
  detail?: Record<Language, string>;
  /** the shortest wait before another try, in milliseconds */
  retryAfterMs?: number;
  headers?: Record<string, string>;
  /** further members of the problem details */
  members?: Record<string, string | number | object>;
}

/** Thrown for an invalid request; the app answers it with problem details. */
export class Refused extends Error {
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, extras: ProblemExtras = {}) {
    super(code);
    this.code = code;
    this.extras = extras;
  }
}

/** Refuses a request inside the app. */
export function problem(c: EdgeContext, code: ProblemCode, extras: ProblemExtras = {}): Response {
  c.set("code", code);
  const request = { requestId: requestIdOf(c), isOverTls: cameOverTls(c), language: languageOf(c) };
  const applied = preferenceApplied(c.get("waitedMs"));
  if (!applied) return refuseRequest(request, code, extras);
  return refuseRequest(request, code, { ...extras, headers: { ...applied, ...extras.headers } });
}

/** The part of a request that its refusal depends on. */
export interface RefusedRequest extends Answered {
  language: Language;
}

/** Problem details (RFC 9457) in the reader's language. Every 429 and 503 has a Retry-After. */
export function refuseRequest(
  request: RefusedRequest,
  code: ProblemCode,
  extras: ProblemExtras,
): Response {
  const { status } = problems[code];
  const details = detailsText(code, request, extras);
  return respond[request.language](request, details, status, headersOf(status, extras));
}

function headersOf(status: number, { headers, retryAfterMs }: ProblemExtras) {
  if (status === 429 || status === 503)
    return { ...headers, "Retry-After": retryAfter(retryAfterMs ?? 0) };
  if (retryAfterMs === undefined) return headers;
  return { ...headers, "Retry-After": String(wholeSeconds(retryAfterMs)) };
}

const respond = { en: respondIn("en"), zh: respondIn("zh") };

function respondIn(language: Language): Respond {
  return respondAlike((request) => {
    const headers = standingHeaders(request);
    headers["Content-Type"] = "application/problem+json";
    headers["Content-Language"] = language;
    headers["Cache-Control"] = "no-store";
    headers["Vary"] = "Accept-Language";
    return headers;
  });
}

/** The text of the details. The part common to all requests of a kind is put into JSON once. */
function detailsText(
  code: ProblemCode,
  { language, requestId }: RefusedRequest,
  { detail, members }: ProblemExtras,
): string {
  const more =
    detail || members
      ? JSON.stringify({ ...(detail && { detail: detail[language] }), ...members })
      : "{}";
  beginnings[language][code] ??= beginning(code, language);
  const begins = beginnings[language][code];
  const last = more === "{}" ? "}" : `,${more.slice(1)}`;
  return `${begins}"instance":"urn:uuid:${requestId}"${last}`;
}

type Beginnings = Record<string, string | undefined>;

const beginnings: Record<Language, Beginnings> = { en: {}, zh: {} };

function beginning(code: ProblemCode, language: Language): string {
  const { status, [language]: title } = problems[code];
  const details = { type: problemType(code), title, status, code };
  return `${JSON.stringify(details).slice(0, -1)},`;
}

/** The spread of Retry-After among clients that are refused together, in seconds. */
const RETRY_SPREAD_S = 3;

/**
 * A Retry-After value of at least `waitMs`, spread so that clients refused together do not return
 * together.
 */
export function retryAfter(waitMs: number): string {
  return String(wholeSeconds(waitMs) + Math.floor(Math.random() * RETRY_SPREAD_S));
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

/** The read length of an Accept-Language header, in characters; no reader prefers so many. */
const LANGUAGES_LENGTH_MAX = 200;

/**
 * The reader's preferred language by Accept-Language (RFC 9110, 12.5.4); English if it names none
 * of ours.
 */
export function languageOf(c: EdgeContext): Language {
  return preferredLanguage(c.req.header("accept-language"));
}

/** The same, by the header's value. */
export function preferredLanguage(accepted: string | null | undefined): Language {
  if (!accepted) return "en";
  let preferred: Language = "en";
  let best = 0;
  for (const range of accepted.slice(0, LANGUAGES_LENGTH_MAX).split(",")) {
    const match = /^\s*(en|zh)(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i.exec(
      range,
    );
    const quality = match ? Number(match[2] ?? 1) : 0;
    if (match && quality > best) {
      best = quality;
      preferred = match[1]?.toLowerCase() === "zh" ? "zh" : "en";
    }
  }
  return preferred;
}
