import { Keyring } from "../contract/keyring.ts";
import { WAITED_HEADER } from "../contract/origin-api.ts";
import { SIGNATURE_HEADER, verify } from "../contract/signature.ts";

/** A request with a genuine signature. */
export interface HeardRequest {
  method: string;
  /** path and query as sent */
  path: string;
  headers: Headers;
  body: unknown;
  signal: AbortSignal;
}

export interface StubOrigin {
  url: string;
  /** every genuine request so far */
  heard: HeardRequest[];
  /** sets the answer from now on */
  answer(respond: (request: HeardRequest) => Response | Promise<Response>): void;
  close(): Promise<void>;
}

/**
 * A stub origin for tests of the edge alone. It checks every signature as the real origin does, and
 * gives the answer that the test sets.
 */
export function startStubOrigin(edgeKeys: string): StubOrigin {
  const keys = Keyring.parse(edgeKeys);
  const heard: HeardRequest[] = [];
  let respond: (request: HeardRequest) => Response | Promise<Response> = () =>
    refuse("route_not_found", 404);
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    async fetch(request) {
      const { method, headers, signal } = request;
      const path = request.url.slice(new URL(request.url).origin.length);
      const bytes = new Uint8Array(await request.arrayBuffer());
      const signature = headers.get(SIGNATURE_HEADER) ?? undefined;
      const genuine = verify(keys, signature, { method, path, body: bytes }, Date.now());
      if (!genuine) return refuse("unauthenticated", 401);
      const text = new TextDecoder().decode(bytes);
      const one = { method, path, headers, body: text ? JSON.parse(text) : undefined, signal };
      heard.push(one);
      return respond(one);
    },
  });
  return {
    url: server.url.origin,
    heard,
    answer: (next) => {
      respond = next;
    },
    close: () => server.stop(true),
  };
}

/** A refusal as the origin writes it. */
export function refuse(code: string, status: number): Response {
  return Response.json({ code }, { status });
}

/** The command of a request. */
export function commandOf(request: HeardRequest): {
  rid: string;
  lectureId: string;
  claimedAtMs: number;
} {
  return (request.body as { command: ReturnType<typeof commandOf> }).command;
}

/** Whether the edge asks to wait for a decision. */
function waits({ path, body }: HeardRequest): boolean {
  return path.includes("&waitMs=") || Boolean((body as { waitMs?: number } | undefined)?.waitMs);
}

/** Answers a command as the origin does: queued, with the given decision or pending. */
export function answerCommand(
  decision: Record<string, string> = {},
): (request: HeardRequest) => Response {
  return (request) => {
    const { rid: id, lectureId } = commandOf(request);
    const answer = { queued: true, reservation: { id, lectureId, status: "pending", ...decision } };
    return Response.json(answer, { headers: waits(request) ? { [WAITED_HEADER]: "1" } : {} });
  };
}
