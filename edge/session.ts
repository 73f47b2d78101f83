import { errors, type JWTHeaderParameters, type JWTPayload, jwtVerify } from "jose";
import type { Keyring } from "../contract/keyring.ts";
import { SESSION_AUDIENCE, SESSION_ISSUER, Session } from "../contract/session.ts";
import {
  DEFAULT_STUDENT_NUMBER_CASE,
  normalUserId,
  type StudentNumberCase,
} from "../contract/student-number.ts";
import type { EdgeContext, Handler } from "./context.ts";
import { cameOverTls, type OverTls } from "./over-tls.ts";
import { problem } from "./problem.ts";
import { createRecent } from "./recent.ts";
import { sentFrom } from "./sent-from.ts";
import { bearsSessionCookie, tokenInCookies } from "./session-cookie.ts";

/**
 * A session, and the carrier of its token. Only a holder of the token sends it as Bearer; a browser
 * adds a cookie to any page's requests.
 */
export interface BorneSession extends Session {
  by: "bearer" | "cookie";
}

/**
 * Returns the session of a request; undefined without a genuine, live token of ours. A known
 * session comes at once, without a promise.
 */
export type ReadSession = (
  url: string,
  headers: Headers,
) => BorneSession | undefined | Promise<BorneSession | undefined>;

/**
 * Puts a handler behind the session, which alone names the user. Without a session the answer is
 * 401. A write by cookie from a page of another origin gets 403. Neither reaches Redis or the
 * origin.
 */
export function requireSession(readSession: ReadSession): (handle: Handler) => Handler {
  return (handle) => {
    function answer(
      c: EdgeContext,
      session: BorneSession | undefined,
    ): Response | Promise<Response> {
      if (!session) return refuseStranger(c);
      if (session.by === "cookie" && writes(c) && !isFromHere(c)) return problem(c, "cross_origin");
      c.set("session", session);
      return handle(c);
    }
    return (c) => {
      const session = readSession(c.req.url, c.req.raw.headers);
      return session instanceof Promise
        ? session.then((read) => answer(c, read))
        : answer(c, session);
    };
  };
}

/**
 * The one spelling of a token: three parts in base64url without padding or spaces. The last part
 * has 32 bytes, with both spare bits 0. Decoders accept other spellings of the same signature: one
 * session would have many names.
 */
const CANONICAL = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/**
 * Genuine tokens remembered at once, some 10 MB. Beyond that, tokens not seen recently are checked
 * again.
 */
const TOKENS_MAX = 20_000;

const EXPECTED = {
  algorithms: ["HS256"],
  issuer: SESSION_ISSUER,
  audience: SESSION_AUDIENCE,
  requiredClaims: ["exp", "sub"],
};

/**
 * Checks tokens against a keyring: HS256 only, the key named by `kid`, our issuer and audience, not
 * expired. A genuine token stays so until it expires, and is not computed again with every click. A
 * Bearer token, valid or not, goes before the cookie.
 *
 * @param letters the spelling of student numbers: every spelling in a token leads to the one user
 */
export function sessionReader(
  keys: Keyring,
  isOverTls: OverTls,
  letters: StudentNumberCase = DEFAULT_STUDENT_NUMBER_CASE,
): ReadSession {
  const imported = new Map<string, CryptoKey>();
  /**
   * by the first part of genuine tokens, which all tokens of a key share: the key id is read once
   */
  const keyByHead = new Map<string, CryptoKey | Uint8Array>();
  /** by the Authorization header in its usual form */
  const byBearer = createRecent<BorneSession>(TOKENS_MAX);
  /** by the token */
  const byCookie = createRecent<BorneSession>(TOKENS_MAX);

  // A request of a Worker may not await another request's promise, so the finished key is kept.
  async function keyOf(kid: string | undefined): Promise<CryptoKey> {
    const known = imported.get(kid ?? "");
    if (known) return known;
    const named = keys.find((key) => key.id === kid);
    if (!named) throw new errors.JWSSignatureVerificationFailed();
    const key = await crypto.subtle.importKey(
      "raw",
      named.secret,
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["verify"],
    );
    imported.set(named.id, key);
    return key;
  }

  return (url, headers) => {
    // The whole header is looked up as it comes: cutting the token out costs more than the lookup.
    const header = headers.get("authorization") ?? "";
    const seen = byBearer.get(header);
    if (seen && isLive(seen)) return seen;
    const bearer = bearerIn(header);
    if (bearer !== undefined) {
      const usual = `Bearer ${bearer}`;
      // The header's own text was hashed by the lookup above; an equal new text was not.
      const name = usual === header ? header : usual;
      const known = name === header ? undefined : byBearer.get(name);
      return known && isLive(known)
        ? known
        : check(bearer, "bearer", (session) => byBearer.set(name, session));
    }
    const token = tokenInCookies(headers.get("cookie"), isOverTls(url, headers));
    if (token === undefined) return undefined;
    const known = byCookie.get(token);
    return known && isLive(known)
      ? known
      : check(token, "cookie", (session) => byCookie.set(token, session));
  };

  /** @param remember keeps a genuine session */
  async function check(
    token: string,
    by: BorneSession["by"],
    remember: (session: BorneSession) => void,
  ): Promise<BorneSession | undefined> {
    if (token.length > TOKEN_LENGTH_MAX || !CANONICAL.test(token)) return undefined;
    try {
      const session = Session.safeParse(await verifiedClaims(token)).data;
      if (!session) return undefined;
      const borne: BorneSession = { ...session, sub: normalUserId(session.sub, letters), by };
      remember(borne);
      return borne;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  /** The claims of a token. Throws a JOSEError unless the token is genuine, live and ours. */
  async function verifiedClaims(token: string): Promise<JWTPayload> {
    const head = token.slice(0, token.indexOf("."));
    const known = keyByHead.get(head);
    if (known) return (await jwtVerify(token, known, EXPECTED)).payload;
    const { payload, key } = await jwtVerify(
      token,
      ({ kid }: JWTHeaderParameters) => keyOf(kid),
      EXPECTED,
    );
    keyByHead.set(head, key);
    return payload;
  }
}

/** In whole seconds, like the token's first check. */
function isLive({ exp }: Session): boolean {
  return exp > Math.floor(Date.now() / 1_000);
}

/** The longest token that is checked, in characters; a token of ours has a few hundred. */
const TOKEN_LENGTH_MAX = 4_096;

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i;

/** The token in an Authorization header; undefined without a token or with another scheme. */
export function bearerIn(authorization: string | null): string | undefined {
  return BEARER.exec(authorization ?? "")?.[1];
}

/** Tells a stranger how to sign in, and the sender of an invalid token that it is invalid. */
function refuseStranger(c: EdgeContext): Response {
  const { headers } = c.req.raw;
  const hasToken =
    bearerIn(headers.get("authorization")) !== undefined ||
    bearsSessionCookie(headers.get("cookie"));
  const challenge = hasToken ? 'Bearer error="invalid_token"' : "Bearer";
  return problem(c, "unauthenticated", { headers: { "WWW-Authenticate": challenge } });
}

/** Whether a request may change something. */
function writes({ req: { method } }: EdgeContext): boolean {
  return method !== "GET" && method !== "HEAD";
}

function isFromHere(c: EdgeContext): boolean {
  return sentFrom(c.req.url, c.req.raw.headers, cameOverTls(c)) === "here";
}
