import * as z from "zod";
import { Amendment, AmendmentPage } from "../../../contract/amendment.ts";
import { Availability, Lecture } from "../../../contract/lecture.ts";
import { LecturePage } from "../../../contract/lecture-list.ts";
import { AmendAnswer, CommandAnswer, Refusal, SignedIn } from "../../../contract/origin-api.ts";
import { isProblemCode, problems } from "../../../contract/problems.ts";
import { Reservation } from "../../../contract/reservation.ts";
import { OpenLectures, OriginPage, ReservationPage } from "../../../contract/reservation-page.ts";

/**
 * A route's permitted answer other than a refusal: a schema of its JSON, or a pattern of its text.
 */
export type Success = z.ZodType | RegExp;

const Lectures = z.strictObject(LecturePage.shape);
const events =
  /^((event: status\n|data: \{.*\}\n|id: [a-z]+\n|retry: \d+\n)+\n|: still pending\n\n|retry: \d+\n: busy\n\n|\{.*\})*$/;

/** Every route of the edge. A missing route fails the test. */
export const edgeSuccess: Record<string, Success> = {
  "GET /api/lectures": Lectures,
  "GET /api/lectures/:id": Lecture,
  "GET /api/lectures/:id/availability": Availability,
  "POST /api/auth/demo": SignedIn,
  "POST /api/auth/sign-out": /^$/,
  "POST /api/lectures/:id/reservations": Reservation,
  "GET /api/reservations/:id": Reservation,
  "GET /api/reservations/:id/events": events,
  "DELETE /api/reservations/:id": Reservation,
  "GET /api/me": z.object({ id: z.string(), role: z.string() }),
  "GET /api/me/reservations": z.strictObject(ReservationPage.shape),
  "GET /metrics": /^# HELP /,
};

/** Every route of the origin. */
export const originSuccess: Record<string, Success> = {
  "GET /healthz": /^alive\n$/,
  "GET /readyz": /^(not )?ready\n([a-z_]+ is away\n)*$/,
  "GET /metrics": /^# HELP /,
  "POST /commands": z.union([CommandAnswer, AmendAnswer]),
  "GET /amendments/:rid": Amendment,
  "GET /lectures/:id/amendments": AmendmentPage,
  "GET /reservations/:rid": Reservation,
  "GET /reservations/:rid/events": events,
  "GET /users/:user/reservations": z.strictObject(OriginPage.shape),
  "GET /open-lectures": OpenLectures,
  "GET /lectures": Lectures,
  "GET /lectures/:id": Lecture,
  "POST /auth/demo": SignedIn,
};

/**
 * The only honest answers of 500 and above: a part behind did not answer, or a limit was reached.
 */
const HONEST = ["unavailable", "not_ready", "too_many_streams"];

const Problem = z.strictObject({
  type: z.string(),
  title: z.string().min(1),
  status: z.int(),
  detail: z.optional(z.string()),
  code: z.string(),
  instance: z.string().regex(/^urn:uuid:[0-9a-f-]{36}$/),
  reservationId: z.optional(z.string()),
  idempotencyKey: z.optional(z.string()),
  decidedAt: z.optional(z.string()),
  opensInMs: z.optional(z.number()),
});

/**
 * Fails unless the contract knows this answer of the edge. Returns the code of a refusal, else the
 * status.
 */
export async function checkEdgeAnswer(
  route: string,
  method: string,
  answer: Response,
): Promise<string> {
  const { status, headers } = answer;
  const text = await answer.text();
  requireThat(headers.get("strict-transport-security") === null, "HTTPS is demanded of plain HTTP");
  requireThat(headers.get("content-security-policy")?.includes("default-src 'none'"), "no policy");
  requireThat(headers.get("x-content-type-options") === "nosniff", "types may be guessed");
  requireThat(/^[0-9a-f-]{36}$/.test(headers.get("x-request-id") ?? ""), "the request has no name");
  requireThat(headers.get("access-control-allow-origin") === null, "other sites may read");
  if (status < 400) return succeed(edgeSuccess[route], method, status, text);
  requireThat(headers.get("content-type") === "application/problem+json", "no problem details");
  requireThat(headers.get("cache-control") === "no-store", "a refusal may be kept");
  if (status === 429 || status === 503)
    requireThat(
      /^[1-9]\d*$/.test(headers.get("retry-after") ?? ""),
      "it does not say when to come back",
    );
  if (method === "HEAD") return String(status);
  const { code, ...problem } = Problem.parse(JSON.parse(text));
  requireThat(problem.status === status, "the body tells another status");
  return refuse(code, status);
}

/** The same for the origin, whose refusals hold a code alone. */
export async function checkOriginAnswer(
  route: string,
  method: string,
  answer: Response,
): Promise<string> {
  const { status } = answer;
  const text = await answer.text();
  const isReadiness = route === "GET /readyz" && method === "GET" && status === 503;
  if (status < 400 || isReadiness) return succeed(originSuccess[route], method, status, text);
  if (method === "HEAD") return String(status);
  return refuse(Refusal.parse(JSON.parse(text)).code, status);
}

function succeed(
  success: Success | undefined,
  method: string,
  status: number,
  text: string,
): string {
  if (!success) throw new Error("this route is not in proof/hostile/fuzz/answers.ts");
  if (method === "HEAD" || status === 304) return String(status);
  if (success instanceof RegExp)
    requireThat(success.test(text), `an unknown answer: ${text.slice(0, 200)}`);
  else success.parse(JSON.parse(text));
  return String(status);
}

function refuse(code: string, status: number): string {
  requireThat(isProblemCode(code) && problems[code].status === status, `${status} is not ${code}`);
  requireThat(status < 500 || HONEST.includes(code), `${code} is no honest answer`);
  return code;
}

function requireThat(holds: boolean | undefined, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
