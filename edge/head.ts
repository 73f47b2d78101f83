import type { Handler } from "./context.ts";

/**
 * Has HEAD answered with the length that GET's body has (RFC 9110, 9.3.2). Hono drops the body, and Bun and Deno would then say that it has no
 * bytes. Bun leaves the Date out of such an answer too.
 */
export function answeringHead(handle: Handler): Handler {
  return (c) => {
    const answer = handle(c);
    if (c.req.method !== "HEAD") return answer;
    return Promise.resolve(answer).then(withLength);
  };
}

async function withLength(answer: Response): Promise<Response> {
  const headers = new Headers(answer.headers);
  headers.set("Date", new Date().toUTCString());
  // An answer that never has a body, as 304, says nothing of its length.
  if (answer.body) headers.set("Content-Length", String((await answer.arrayBuffer()).byteLength));
  return new Response(null, { status: answer.status, headers });
}
