import { BadRequest } from "./bad-request.ts";
import type { Log } from "./log.ts";
import { encodeReply, fromBinary, RedisError, type Reply, Status } from "./resp.ts";
import { Unavailable } from "./unavailable.ts";

/**
 * How replies are written. `text` is JSON; texts are read as UTF-8. `base64` is JSON with each
 * text's bytes in base64. `resp2` is RESP2, as Redis writes it.
 */
export type ReplyForm = "text" | "base64" | "resp2";

/**
 * The form that a request asks for. Throws BadRequest for an unknown format and for RESP2 in
 * base64.
 */
export function replyFormOf({ headers }: Request): ReplyForm {
  const encoding = headers.get("upstash-encoding") === "base64" ? "base64" : "text";
  const format = headers.get("upstash-response-format")?.toLowerCase();
  if (format === undefined || format === "json") return encoding;
  if (format !== "resp2") throw new BadRequest("ERR Upstash-Response-Format is json or resp2");
  if (encoding === "base64")
    throw new BadRequest("ERR Upstash-Encoding: base64 does not go with resp2");
  return "resp2";
}

/**
 * The form of an endpoint that answers in JSON only: `resp2` becomes `text`. Throws as replyFormOf.
 */
export function jsonFormOf(request: Request): "text" | "base64" {
  const form = replyFormOf(request);
  return form === "resp2" ? "text" : form;
}

const JSON_HEADERS = new Headers({ "content-type": "application/json" });
const RESP2_HEADERS = new Headers({ "content-type": "application/octet-stream" });

/** The answer to one command: 200 `{"result":…}`, or 400 `{"error":…}` when Redis refused it. */
export function answerOne(reply: Reply, form: ReplyForm): Response {
  const status = reply instanceof RedisError ? 400 : 200;
  return form === "resp2" ? answerResp2([reply], status) : answerJson(outcome(reply, form), status);
}

/**
 * The answer to many commands: 200 with an array of their single answers. In RESP2 the replies
 * follow one another.
 */
export function answerMany(replies: readonly Reply[], form: ReplyForm): Response {
  if (form === "resp2") return answerResp2(replies, 200);
  return answerJson(`[${replies.map((reply) => outcome(reply, form)).join()}]`, 200);
}

/**
 * The answer to a request that failed as a whole. An unexpected error goes to the log; the client
 * gets 500 without its text.
 */
export function answerError(error: unknown, log: Log): Response {
  if (error instanceof BadRequest)
    return answerFailure(error.message, error.httpStatus, error.headers);
  if (error instanceof Unavailable) return answerFailure(error.message, error.httpStatus);
  log.error(error);
  return answerFailure("ERR internal error", 500);
}

function answerFailure(
  message: string,
  status: number,
  headers: Record<string, string> = {},
): Response {
  const body = JSON.stringify({ error: message });
  return new Response(body, {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

function answerJson(body: string, status: number): Response {
  return new Response(body, { status, headers: withSyncToken(JSON_HEADERS) });
}

function answerResp2(replies: readonly Reply[], status: number): Response {
  const bytes = Buffer.from(replies.map(encodeReply).join(""), "latin1");
  return new Response(bytes, { status, headers: withSyncToken(RESP2_HEADERS) });
}

let answers = 0;

/**
 * The SDK sends the sync token back to read its own writes from replicas. This front has one Redis
 * and no replicas, so any token serves. The token is set on the shared Headers: changing each
 * answer's own Headers costs more.
 */
function withSyncToken(headers: Headers): Headers {
  answers += 1;
  headers.set("upstash-sync-token", String(answers));
  return headers;
}

function outcome(reply: Reply, form: "text" | "base64"): string {
  if (reply instanceof RedisError) return `{"error":${JSON.stringify(reply.message)}}`;
  return reply instanceof Status && reply.text === "OK"
    ? '{"result":"OK"}'
    : `{"result":${toJson(reply, form)}}`;
}

/** Text that needs no JSON escapes: visible ASCII and spaces, without quotes and backslashes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A status OK stays literal only as a whole result: inside an array the SDK reads it as base64. */
function toJson(reply: Reply, form: "text" | "base64"): string {
  if (typeof reply === "string") {
    if (form === "base64") return `"${btoa(reply)}"`;
    return PLAIN.test(reply) ? `"${reply}"` : JSON.stringify(fromBinary(reply));
  }
  if (Array.isArray(reply)) return `[${reply.map((item) => toJson(item, form)).join()}]`;
  if (reply instanceof Status) return toJson(reply.text, form);
  if (reply instanceof RedisError)
    return toJson(Buffer.from(reply.message).toString("latin1"), form);
  return String(reply);
}
