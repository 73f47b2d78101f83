import { BadRequest, methodRefusal } from "./bad-request.ts";

/** The largest body of a request, in bytes. */
const MAX_BODY_BYTES = 1_048_576;

/**
 * The body as text. Throws BadRequest: 413 over MAX_BODY_BYTES, 405 for a method without a body.
 */
export async function readText(request: Request): Promise<string> {
  if (request.method !== "POST" && request.method !== "PUT") throw methodRefusal("POST", "PUT");
  return isMeasured(request)
    ? request.text()
    : readUnmeasured(request).then((bytes) => bytes.toString());
}

/** The body's bytes. Throws BadRequest 413 over MAX_BODY_BYTES. */
export async function readBytes(request: Request): Promise<Uint8Array> {
  return isMeasured(request) ? request.bytes() : readUnmeasured(request);
}

/** Whether the request names its length. The server itself then reads no byte beyond it. */
function isMeasured(request: Request): boolean {
  const length = request.headers.get("content-length");
  if (Number(length) > MAX_BODY_BYTES) throw tooLarge();
  return length !== null;
}

/** Counts a chunked body as it arrives, so that no more than the limit is held. */
async function readUnmeasured(request: Request): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): BadRequest {
  return new BadRequest(`ERR the request is over ${MAX_BODY_BYTES} bytes`, 413);
}
