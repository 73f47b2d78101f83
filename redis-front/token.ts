import { BadRequest } from "./bad-request.ts";

/**
 * The token's name in a query, for clients that cannot send headers. No command gets it as
 * argument.
 */
export const TOKEN_PARAMETER = "_token";

/**
 * Gives a check that throws BadRequest 401 for a wrong token. A request brings the token as
 * `Authorization: Bearer <token>`, or without that header as `?_token=<token>`. The check compares
 * every character, so its time tells only the length.
 */
export function createTokenCheck(token: string): (request: Request) => void {
  const usual = `Bearer ${token}`;
  return ({ headers, url }) => {
    const given = headers.get("authorization");
    if (given !== null && isSame(given, usual)) return;
    if (!isSame(given === null ? tokenOfQuery(url) : tokenOfHeader(given), token)) throw refusal();
  };
}

function isSame(given: string, expected: string): boolean {
  let difference = given.length ^ expected.length;
  for (let index = 0; index < expected.length; index++) {
    difference |= given.charCodeAt(index) ^ expected.charCodeAt(index);
  }
  return difference === 0;
}

/** Reads a header in an unusual spelling: the scheme in any case, then any number of spaces. */
function tokenOfHeader(authorization: string): string {
  return /^Bearer +(.*)$/i.exec(authorization)?.[1] ?? "";
}

function tokenOfQuery(url: string): string {
  return new URL(url).searchParams.get(TOKEN_PARAMETER) ?? "";
}

function refusal(): BadRequest {
  return new BadRequest("WRONGPASS invalid or missing auth token", 401, {
    "www-authenticate": "Bearer",
  });
}
