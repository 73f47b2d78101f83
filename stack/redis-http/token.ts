import { BadRequest } from "./bad-request.ts";

/**
 * Gives a check that throws BadRequest 401 unless a request carries `Authorization: Bearer <token>`. It looks at every character
 * whatever the first difference, so that its time tells nothing but the length.
 */
export function createTokenCheck(token: string): (request: Request) => void {
  const expected = `Bearer ${token}`;
  return (request) => {
    const given = request.headers.get("authorization") ?? "";
    let difference = given.length ^ expected.length;
    for (let index = 0; index < expected.length; index++) {
      difference |= given.charCodeAt(index) ^ expected.charCodeAt(index);
    }
    if (difference !== 0) throw new BadRequest("WRONGPASS invalid or missing auth token", 401);
  };
}
