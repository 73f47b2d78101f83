import { headAnswer } from "../contract/head-answer.ts";
import type { Handler } from "./context.ts";

/** Answers HEAD with the length of GET's body, which Hono drops silently. */
export function answeringHead(handle: Handler): Handler {
  return (c) => {
    const answer = handle(c);
    return c.req.method === "HEAD" ? Promise.resolve(answer).then(headAnswer) : answer;
  };
}
