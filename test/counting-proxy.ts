export interface CountingProxy {
  url: string;
  /** the path and body of every request so far, in order */
  requests: { path: string; body: string }[];
  /**
   * requests whose body holds this text are passed on and their replies lost; "" loses all,
   * undefined none
   */
  losesRepliesTo: string | undefined;
  /**
   * requests whose body holds this text are neither passed on nor answered; "" means all, undefined
   * none
   */
  ignores: string | undefined;
  /** replies wait for this */
  repliesAfter: Promise<unknown>;
  close(): Promise<void>;
}

/** Stands in front of an HTTP server, counts the requests, and can lose requests and replies. */
export function startCountingProxy(target: string): CountingProxy {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const body = await request.text();
      proxy.requests.push({ path: pathname, body });
      if (holds(body, proxy.ignores)) return await neverAnswered(request.signal);
      const headers = new Headers(request.headers);
      headers.delete("host");
      const answer = await fetch(target + pathname, { method: request.method, headers, body });
      const reply = await answer.arrayBuffer();
      await proxy.repliesAfter;
      if (holds(body, proxy.losesRepliesTo)) return await neverAnswered(request.signal);
      return new Response(reply, {
        status: answer.status,
        headers: { "Content-Type": "application/json" },
      });
    },
  });
  const proxy: CountingProxy = {
    url: server.url.origin,
    requests: [],
    losesRepliesTo: undefined,
    ignores: undefined,
    repliesAfter: Promise.resolve(),
    close: () => server.stop(true),
  };
  return proxy;
}

function holds(body: string, text: string | undefined): boolean {
  return text !== undefined && body.includes(text);
}

/** Holds a request until its sender gives up. */
function neverAnswered(signal: AbortSignal): Promise<Response> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(new Response(null, { status: 408 })));
  });
}
