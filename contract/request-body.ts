/** The outcome of reading a body. `incomplete`: the sender stopped, left, or took too long. */
export type BodyRead =
  | { outcome: "read"; bytes: Uint8Array<ArrayBuffer> }
  | { outcome: "too_large" }
  | { outcome: "incomplete" };

/**
 * Reads a request's whole body, at most `maxBytes`, and waits at most `withinMs` milliseconds. A
 * client that sends a byte now and then, or none, must not hold a place among the requests being
 * worked on. A body announced as too large is refused unread. Never rejects.
 */
export async function readBody(
  request: Request,
  { maxBytes, withinMs }: { maxBytes: number; withinMs: number },
): Promise<BodyRead> {
  if (!request.body) return { outcome: "read", bytes: new Uint8Array() };
  if (Number(request.headers.get("Content-Length") ?? 0) > maxBytes)
    return { outcome: "too_large" };
  const reader = request.body.getReader();
  const late = Promise.withResolvers<"late">();
  const timer = setTimeout(late.resolve, withinMs, "late");
  try {
    return await gather(reader, maxBytes, late.promise);
  } catch {
    return { outcome: "incomplete" };
  } finally {
    clearTimeout(timer);
    // The rest stays unread; its sender may have left already.
    reader.cancel().catch(() => {});
  }
}

async function gather(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
  late: Promise<"late">,
): Promise<BodyRead> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const next = await Promise.race([reader.read(), late]);
    if (next === "late") return { outcome: "incomplete" };
    if (next.done) return { outcome: "read", bytes: joined(chunks, size) };
    size += next.value.length;
    if (size > maxBytes) return { outcome: "too_large" };
    chunks.push(next.value);
  }
}

function joined(chunks: Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
