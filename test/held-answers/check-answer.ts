import type { ValidateFunction } from "ajv/dist/2020.js";
import { type DocumentedAnswer, operationOf, problemSchema } from "./operations.ts";

/** An answer of an edge to a test. */
export interface HeldAnswer {
  method: string;
  url: string;
  status: number;
  headers: Headers;
  /** undefined for a stream, for HEAD, and for a body that the test broke off */
  body: string | undefined;
}

/** Refusals of a request that no operation takes. */
const WITHOUT_OPERATION = new Set([
  "route_not_found",
  "method_not_allowed",
  "invalid_host",
  "uri_too_long",
  "body_incomplete",
  "body_too_large",
  "unavailable",
]);

/** Returns in a line what the document does not allow in an answer; undefined if it allows all. */
export function complaintAbout(answer: HeldAnswer): string | undefined {
  const { method, url, status } = answer;
  const { pathname } = new URL(url);
  const operation = operationOf(method, pathname);
  const name = operation ? nameFor(method, operation.name) : `${method} ${pathname}`;
  const documented = operation?.answers.get(status);
  const complaint = operation
    ? documented
      ? complaintOf(answer, documented)
      : "no such status is documented"
    : complaintWithoutOperation(answer);
  return complaint && `${name} ${status}: ${complaint}`;
}

function nameFor(method: string, name: string): string {
  return method === "HEAD" ? name.replace(/^[A-Z]+/, "HEAD") : name;
}

function complaintOf(answer: HeldAnswer, { content, headers }: DocumentedAnswer) {
  for (const { name, required, validate } of headers) {
    const value = answer.headers.get(name);
    if (value === null && required) return `the header ${name} is missing`;
    if (value !== null && !validate(value) && !validate(Number(value)))
      return `the header ${name}: ${firstError(validate)}`;
  }
  const { body } = answer;
  if (content.size === 0) return body ? "a body that is not documented" : undefined;
  const type = answer.headers.get("content-type") ?? "";
  const validate = content.get(type);
  if (!validate) return `the content type "${type}" is not documented`;
  return body === undefined ? undefined : complaintAboutBody(body, type, validate);
}

function complaintAboutBody(body: string, type: string, validate: ValidateFunction) {
  if (!/^application\/([a-z]+\+)?json$/.test(type)) return undefined;
  return validate(JSON.parse(body)) ? undefined : firstError(validate);
}

function complaintWithoutOperation(answer: HeldAnswer): string | undefined {
  const { method, status, headers, body } = answer;
  if (method === "OPTIONS" && status === 204 && headers.has("access-control-allow-methods"))
    return undefined;
  if (headers.get("content-type") !== "application/problem+json")
    return "no operation is documented";
  if (body === undefined) return undefined;
  const [problem, validate] = [JSON.parse(body) as { code?: string }, problemSchema()];
  if (!validate(problem)) return firstError(validate);
  return WITHOUT_OPERATION.has(problem.code ?? "")
    ? undefined
    : `${problem.code} without an operation`;
}

function firstError({ errors }: ValidateFunction): string {
  const [error] = errors ?? [];
  const more = error?.params["additionalProperty"] ?? error?.params["allowedValues"];
  return `${error?.instancePath || "it"} ${error?.message}${more ? ` (${more})` : ""}`;
}
