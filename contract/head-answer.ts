/**
 * The answer to HEAD, made of the answer to GET: the same status and headers, the length of the body, and no body (RFC 9110, 9.3.2). Where the body
 * is only dropped, Bun and Deno say that it has no bytes; Bun leaves the Date out too.
 */
export async function headAnswer(answer: Response): Promise<Response> {
  const headers = new Headers(answer.headers);
  headers.set("Date", new Date().toUTCString());
  // An answer that never has a body, as 304, says nothing of its length.
  if (answer.body) headers.set("Content-Length", String((await answer.arrayBuffer()).byteLength));
  return new Response(null, { status: answer.status, headers });
}
