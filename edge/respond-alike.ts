/** The part of a request that the shared headers depend on. */
export interface Answered {
  requestId: string;
  /** whether the client's side is HTTPS */
  isOverTls: boolean;
}

/**
 * Builds an answer with the shared headers of its kind, the request's name among them, and its own
 * headers.
 */
export type Respond = (
  request: Answered,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream | null,
  status: number,
  own?: Record<string, string>,
) => Response;

/**
 * For answers that share most of their headers, built in the runtime's cheapest way: building is
 * most of a refusal's cost. Bun and Workers copy existing headers in far less time than they read
 * an object. On Deno the copy takes twice as long, and one object serves all answers.
 *
 * @param common returns the shared headers, in a new object
 * @param encodeBody `manual` for a body that has its Content-Encoding already: Workers would code
 * it again
 */
export function respondAlike(
  common: (request: Answered) => Record<string, string>,
  encodeBody: "automatic" | "manual" = "automatic",
): Respond {
  if ("Deno" in globalThis) return collecting(common);
  const plain = new Headers(common({ requestId: "", isOverTls: false }));
  const overTls = new Headers(common({ requestId: "", isOverTls: true }));
  const respond = copying(plain, overTls, encodeBody);
  return navigator.userAgent === "Cloudflare-Workers" ? dating([plain, overTls], respond) : respond;
}

/**
 * Workers leave the Date to a server in front. Without that an answer would have none (RFC 9110,
 * 6.6.1).
 */
function dating(commons: Headers[], respond: Respond): Respond {
  let second = 0;
  return (request, body, status, own) => {
    const nowS = Math.floor(Date.now() / 1_000);
    if (nowS !== second) {
      const date = new Date(nowS * 1_000).toUTCString();
      for (const common of commons) common.set("Date", date);
    }
    second = nowS;
    return respond(request, body, status, own);
  };
}

function copying(plain: Headers, overTls: Headers, encodeBody: string): Respond {
  return ({ requestId, isOverTls }, body, status, own) => {
    const common = isOverTls ? overTls : plain;
    // Set before the copy: touching an answer's own headers takes longer than copying all of them.
    common.set("X-Request-Id", requestId);
    const init: ResponseInit & { encodeBody: string } = { status, headers: common, encodeBody };
    const response = new Response(body, init);
    for (const name in own) response.headers.set(name, own[name] ?? "");
    return response;
  };
}

function collecting(common: (request: Answered) => Record<string, string>): Respond {
  const plain = common({ requestId: "", isOverTls: false });
  const overTls = common({ requestId: "", isOverTls: true });
  return ({ requestId, isOverTls }, body, status, own) => {
    const headers = isOverTls ? overTls : plain;
    headers["X-Request-Id"] = requestId;
    return new Response(body, { status, headers: own ? { ...headers, ...own } : headers });
  };
}
