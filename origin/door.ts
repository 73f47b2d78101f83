import type { Cell } from "../runtime/metrics/family.ts";
import type { OriginEnv } from "./context.ts";
import type { Gates } from "./deps.ts";
import { retryAfter } from "./refusal.ts";

/** Requests in the house at once, waits and the beginnings of streams included. */
const IN_HOUSE_MAX = 20_000;

/** How long one who is turned away is kept until told so, in milliseconds, and how many at most are. */
const PAUSE_MS = 2_000;
const PAUSED_MAX = 10_000;

export interface DoorOptions {
  /** how long one who is turned away waits for the answer, in milliseconds */
  pauseMs?: number;
  /** counts those who were, by their gate */
  turnedAway?: Record<keyof Gates, Cell> | undefined;
}

/**
 * Puts the door before the app: what would find no place at the gate of its work is turned away before anything is looked at, be it the
 * route, the body or the signature. Who is let in counts at the gate from here on, or a thousand that come in the same moment would all find
 * it open, and be turned away there, after their signatures were checked.
 *
 * The refusal comes after a pause. Reading a request and writing an answer costs some 20 µs whatever is in them, so that nine refusals for
 * one command served would take a good part of the CPU from it. Who asks is an edge with a bounded number of requests in flight: while its
 * refused ones pause, a timer each, it cannot send as many more.
 */
export function withDoor(
  answer: (request: Request, bindings: OriginEnv["Bindings"]) => Response | Promise<Response>,
  gates: Gates,
  { pauseMs = PAUSE_MS, turnedAway }: DoorOptions = {},
): (request: Request) => Promise<Response> {
  let inHouse = 0;
  let paused = 0;

  async function turnAway(): Promise<Response> {
    if (paused < PAUSED_MAX) {
      paused += 1;
      await Bun.sleep(pauseMs);
      paused -= 1;
    }
    return new Response('{"code":"overloaded"}', {
      status: 503,
      headers: { "Content-Type": "application/json", "Retry-After": retryAfter() },
    });
  }

  return async (request) => {
    const which = request.method === "POST" ? "commands" : "reads";
    const gate = gates[which];
    if ((inHouse >= IN_HOUSE_MAX || gate.turnsAway()) && !isHealth(request)) {
      if (turnedAway) turnedAway[which].value += 1;
      return await turnAway();
    }
    inHouse += 1;
    const arrived = gate.expect();
    try {
      return await answer(request, { arrived });
    } finally {
      arrived();
      inHouse -= 1;
    }
  };
}

/** Whoever runs the origin learns that it lives, and what it does, although it is busy. */
function isHealth({ method, url }: Request): boolean {
  return (method === "GET" || method === "HEAD") && HEALTH.includes(new URL(url).pathname);
}

const HEALTH = ["/healthz", "/readyz", "/metrics"];
