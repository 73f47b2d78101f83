import { timingSafeEqual } from "node:crypto";
import { BadRequest } from "./bad-request.ts";

/** Gives a check that throws BadRequest 401 unless a request carries `Authorization: Bearer <token>`. */
export function createTokenCheck(token: string): (request: Request) => void {
  const expected = Buffer.from(`Bearer ${token}`);
  return (request) => {
    const given = Buffer.from(request.headers.get("authorization") ?? "");
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new BadRequest("WRONGPASS invalid or missing auth token", 401);
    }
  };
}
