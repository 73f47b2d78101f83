/**
 * Makes the answer to HEAD of the answer to GET: same status, same headers, the body's length and
 * no body (RFC 9110, 9.3.2). Bun and Deno tell a length of 0 for a body that was dropped; Bun
 * leaves out the Date.
 */
export async function headAnswer(answer: Response): Promise<Response> {
  const headers = new Headers(answer.headers);
  headers.set("Date", new Date().toUTCString());
  // An answer that never has a body, as 304, says nothing of its length.
  if (answer.body) headers.set("Content-Length", String((await answer.arrayBuffer()).byteLength));
  return new Response(null, { status: answer.status, headers });
}
