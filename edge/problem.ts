import { type ProblemCode, problems, problemType } from "../contract/problems.ts";
import { preferenceApplied, requestIdOf, standingHeaders } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import { cameOverTls } from "./over-tls.ts";
import { type Answered, type Respond, respondAlike } from "./respond-alike.ts";

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

/** Refuses a request that is on its way through the app. */
export function problem(c: EdgeContext, code: ProblemCode, extras: ProblemExtras = {}): Response {
  c.set("code", code);
  const request = { requestId: requestIdOf(c), isOverTls: cameOverTls(c), language: languageOf(c) };
  const applied = preferenceApplied(c.get("waitedMs"));
  if (!applied) return refuseRequest(request, code, extras);
  return refuseRequest(request, code, { ...extras, headers: { ...applied, ...extras.headers } });
}

/** A request as far as its refusal needs to know it. */
export interface RefusedRequest extends Answered {
  language: Language;
}

/** Problem details (RFC 9457) in the reader's language. Every 429 and 503 tells when to come back. */
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

/** The text of the details. What is the same for every request of a kind is put into JSON once. */
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
  return preferredLanguage(c.req.header("accept-language"));
}

/** The same, of the header's value. */
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
