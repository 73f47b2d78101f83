import type { Gates } from "./deps.ts";
import { retryAfter } from "./refusal.ts";

/** Requests in the house at once, waits and the beginnings of streams included. */
const IN_HOUSE_MAX = 20_000;

/**
 * Puts the door before the app: what would find no place at the gate of its work is turned away before anything is looked at, be it the
 * route, the body or the signature. When ten times as many come as can be served, nine tenths of them must cost next to nothing.
 */
export function withDoor(
  answer: (request: Request) => Response | Promise<Response>,
  { commands, reads }: Gates,
): (request: Request) => Promise<Response> {
  let inHouse = 0;
  return async (request) => {
    const gate = request.method === "POST" ? commands : reads;
    if ((gate.isFull() || inHouse >= IN_HOUSE_MAX) && !isHealth(request.url)) return turnAway();
    inHouse += 1;
    try {
      return await answer(request);
    } finally {
      inHouse -= 1;
    }
  };
}

/** Whoever runs the origin learns that it lives although it is busy. */
function isHealth(url: string): boolean {
  return url.endsWith("/healthz") || url.endsWith("/readyz");
}

function turnAway(): Response {
  return new Response('{"code":"overloaded"}', {
    status: 503,
    headers: { "Content-Type": "application/json", "Retry-After": retryAfter() },
  });
}
