import { BadRequest } from "./bad-request.ts";
import type { Log } from "./log.ts";
import { fromBinary, RedisError, type Reply } from "./resp.ts";
import { Unavailable } from "./unavailable.ts";

/** How strings are written: `text` as JSON strings (read as UTF-8), `base64` as the base64 of their bytes. */
export type StringEncoding = "text" | "base64";

/** The encoding a request asks for. */
export function encodingOf(request: Request): StringEncoding {
  return request.headers.get("upstash-encoding") === "base64" ? "base64" : "text";
}

const JSON_HEADERS = new Headers({ "content-type": "application/json" });
const OK = { status: 200, headers: JSON_HEADERS };
const COMMAND_FAILED = { status: 400, headers: JSON_HEADERS };

/** The answer to one command: 200 `{"result":…}`, or 400 `{"error":…}` when Redis refused it. */
export function answerOne(reply: Reply, encoding: StringEncoding): Response {
  return new Response(outcome(reply, encoding), reply instanceof RedisError ? COMMAND_FAILED : OK);
}

/** The answer to many commands: 200 with an array of what each alone would say. */
export function answerMany(replies: readonly Reply[], encoding: StringEncoding): Response {
  return new Response(`[${replies.map((reply) => outcome(reply, encoding)).join()}]`, OK);
}

/** The answer to a request that failed as a whole. What is nobody's known mistake goes to the log, not to the client. */
export function answerError(error: unknown, log: Log): Response {
  const isKnown = error instanceof BadRequest || error instanceof Unavailable;
  if (!isKnown) log.error(error);
  const body = JSON.stringify({ error: isKnown ? error.message : "ERR internal error" });
  return new Response(body, { status: isKnown ? error.httpStatus : 500, headers: JSON_HEADERS });
}

function outcome(reply: Reply, encoding: StringEncoding): string {
  if (reply instanceof RedisError) return `{"error":${JSON.stringify(reply.message)}}`;
  return reply === "OK" ? '{"result":"OK"}' : `{"result":${toJson(reply, encoding)}}`;
}

/** Text that JSON writes as it is: visible ASCII and spaces, without quotes and backslashes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** The literal OK is only for a whole result; inside an array the SDK would take it for base64. */
function toJson(reply: Reply, encoding: StringEncoding): string {
  if (typeof reply === "string") {
    if (encoding === "base64") return `"${btoa(reply)}"`;
    return PLAIN.test(reply) ? `"${reply}"` : JSON.stringify(fromBinary(reply));
  }
  if (Array.isArray(reply)) return `[${reply.map((item) => toJson(item, encoding)).join()}]`;
  if (reply instanceof RedisError) return toJson(Buffer.from(reply.message).toString("latin1"), encoding);
  return String(reply);
}
