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
 * A session, and what bore its token. A Bearer token is sent by whoever holds it; a cookie is added
 * by the browser to whatever any page sends.
 */
export interface BorneSession extends Session {
  by: "bearer" | "cookie";
}

/**
 * Gives the session of a request, or undefined where it bears no token, or one that is not a genuine, live one of ours. A session that was seen
 * before is given at once, without a promise.
 */
export type ReadSession = (
  url: string,
  headers: Headers,
) => BorneSession | undefined | Promise<BorneSession | undefined>;

/**
 * Puts a handler behind the session: who asks is what the verified session says, and nothing else
 * in the request. Without one the answer is 401, and where a page of another origin would change
 * something by the browser's cookie it is 403. In both cases neither Redis nor the origin hears of
 * the request.
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
 * The one spelling a token has: three parts in base64url without padding or spaces, the last one 32 bytes whose two spare bits are 0.
 * Decoders forgive other spellings of the same signature, so that one session would have many names.
 */
const CANONICAL = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** Genuine tokens remembered at once, some 10 MB; past it those that were not seen lately are checked anew when they come again. */
const TOKENS_MAX = 20_000;

const EXPECTED = {
  algorithms: ["HS256"],
  issuer: SESSION_ISSUER,
  audience: SESSION_AUDIENCE,
  requiredClaims: ["exp", "sub"],
};

/**
 * Checks tokens against a keyring: HS256 only, the key named by the token's `kid`, ours as issuer
 * and audience, not expired. What was found genuine stays so until it expires, and is not computed
 * again with every click. A Bearer token, valid or not, goes before the cookie.
 *
 * @param letters how student numbers are spelled: whatever spelling a token has, its session is for
 * the one user
 */
export function sessionReader(
  keys: Keyring,
  isOverTls: OverTls,
  letters: StudentNumberCase = DEFAULT_STUDENT_NUMBER_CASE,
): ReadSession {
  const imported = new Map<string, CryptoKey>();
  /** by the first part of genuine tokens, which is the same for all of one key: its id is read out of the first only */
  const keyByHead = new Map<string, CryptoKey | Uint8Array>();
  /** by the header as clients usually write it */
  const byBearer = createRecent<BorneSession>(TOKENS_MAX);
  /** by the token */
  const byCookie = createRecent<BorneSession>(TOKENS_MAX);

  // A Worker may not await what another request began, so the finished key is kept and not its promise.
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
    // The whole header is looked up, as it comes: to cut the token out of it would cost more than the look.
    const header = headers.get("authorization") ?? "";
    const seen = byBearer.get(header);
    if (seen && isLive(seen)) return seen;
    const bearer = bearerIn(header);
    if (bearer !== undefined) {
      const name = `Bearer ${bearer}`;
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

  /** @param remember keeps what was found genuine */
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

  /** The claims of a token. Throws a JOSEError where it is not a genuine, live one of ours. */
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

/** As the token's first check counts it: in whole seconds. */
function isLive({ exp }: Session): boolean {
  return exp > Math.floor(Date.now() / 1_000);
}

/** A token of ours is a few hundred characters; nothing longer is looked at. */
const TOKEN_LENGTH_MAX = 4_096;

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]+)$/i;

/**
 * The token in an Authorization header; undefined where it holds none, and where another scheme is
 * meant.
 */
export function bearerIn(authorization: string | null): string | undefined {
  return BEARER.exec(authorization ?? "")?.[1];
}

/** Tells a stranger how to sign in, and whose token is no good that it is not. */
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
