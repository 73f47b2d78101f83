import { BadRequest } from "./bad-request.ts";
import type { Log } from "./log.ts";
import { encodeReply, fromBinary, RedisError, type Reply, Status } from "./resp.ts";
import { Unavailable } from "./unavailable.ts";

/**
 * How replies are written. `text`: JSON with text as JSON strings (read as UTF-8). `base64`: JSON
 * with the base64 of the text's bytes. `resp2`: as Redis itself writes them.
 */
export type ReplyForm = "text" | "base64" | "resp2";

/**
 * The form a request asks for. Throws BadRequest for an unknown format, and for RESP2 in base64.
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

/** The same, for what is only ever answered in JSON. */
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
 * The answer to many commands: 200 with an array of what each alone would say; in RESP2 one after
 * the other.
 */
export function answerMany(replies: readonly Reply[], form: ReplyForm): Response {
  if (form === "resp2") return answerResp2(replies, 200);
  return answerJson(`[${replies.map((reply) => outcome(reply, form)).join()}]`, 200);
}

/** The answer to a request that failed as a whole. What is nobody's known mistake goes to the log, not to the client. */
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
 * Clients send the token back to read their own writes where reads go to replicas. This front has
 * one Redis and no replicas, so any token does. It is put into the common headers: to reach into an
 * answer's own costs more.
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

/** Text that JSON writes as it is: visible ASCII and spaces, without quotes and backslashes. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** The literal OK is only for a whole result; inside an array the SDK would take it for base64. */
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
