import * as z from "zod";
import { ShownFault } from "../../../contract/lecture-file.ts";
import { OrganisedLecture } from "../../../contract/organised-lecture.ts";
import { Refusal } from "../../../contract/origin-api.ts";
import { isProblemCode, problems } from "../../../contract/problems.ts";
import { edgeRoutes, originRoutes, type Route, type Success } from "../routes.ts";

/**
 * The only honest answers of 500 and above: a part behind did not answer, or a limit was reached.
 */
const HONEST = ["unavailable", "not_ready", "too_many_streams", "overloaded"];

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
  field: z.optional(z.string()),
  seatsTaken: z.optional(z.int()),
  lecture: z.optional(OrganisedLecture),
  rows: z.optional(z.array(ShownFault)),
  faults: z.optional(z.int()),
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
  if (status < 400) return succeed(successOf(edgeRoutes, route, method), method, status, text);
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
  if (status < 400 || isReadiness)
    return succeed(successOf(originRoutes, route, method), method, status, text);
  if (method === "HEAD") return String(status);
  return refuse(Refusal.parse(JSON.parse(text)).code, status);
}

/** Of the route that the method names at the same path, if there is one. */
function successOf(
  routes: Record<string, Route>,
  route: string,
  method: string,
): Success | undefined {
  const path = route.slice(route.indexOf(" ") + 1);
  return (routes[`${method} ${path}`] ?? routes[route])?.success;
}

function succeed(
  success: Success | undefined,
  method: string,
  status: number,
  text: string,
): string {
  if (!success) throw new Error("this route is not in proof/hostile/routes.ts");
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
