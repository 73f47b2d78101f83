/**
 * Turns GET's answer into HEAD's: same status and headers, the body's length, no body (RFC 9110,
 * 9.3.2). For a dropped body Bun and Deno state a length of 0; Bun leaves out the Date.
 */
export async function headAnswer(answer: Response): Promise<Response> {
  const headers = new Headers(answer.headers);
  headers.set("Date", new Date().toUTCString());
  // Statuses without a body, such as 304, get no length.
  if (answer.body) headers.set("Content-Length", String((await answer.arrayBuffer()).byteLength));
  return new Response(null, { status: answer.status, headers });
}
