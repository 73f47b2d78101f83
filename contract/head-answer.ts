/**
 * Turns the answer to GET into the answer to HEAD: same status, same headers, the body's length and
 * no body (RFC 9110, 9.3.2). Bun and Deno state a length of 0 for a dropped body. Bun leaves out
 * the Date.
 */
export async function headAnswer(answer: Response): Promise<Response> {
  const headers = new Headers(answer.headers);
  headers.set("Date", new Date().toUTCString());
  // A status that never has a body, such as 304, gets no length.
  if (answer.body) headers.set("Content-Length", String((await answer.arrayBuffer()).byteLength));
  return new Response(null, { status: answer.status, headers });
}
