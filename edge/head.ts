import { headAnswer } from "../contract/head-answer.ts";
import type { Handler } from "./context.ts";

/** Has HEAD answered as GET, with the length of its body. Hono drops the body and does not tell the length. */
export function answeringHead(handle: Handler): Handler {
  return (c) => {
    const answer = handle(c);
    return c.req.method === "HEAD" ? Promise.resolve(answer).then(headAnswer) : answer;
  };
}
