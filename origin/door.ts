import type { Cell } from "../runtime/metrics/family.ts";
import type { OriginEnv } from "./context.ts";
import type { Gates } from "./deps.ts";
import { retryAfter } from "./refusal.ts";

/** The most requests in the house at once, including waits and the beginnings of streams. */
const IN_HOUSE_MAX = 20_000;

/**
 * How long the door holds a refusal back, in milliseconds, and the most refusals held back at once.
 */
const PAUSE_MS = 2_000;
const PAUSED_MAX = 10_000;

export interface DoorOptions {
  /** how long the door holds a refusal back, in milliseconds; two seconds by default */
  pauseMs?: number;
  /** counts the requests turned away, by their gate */
  turnedAway?: Record<keyof Gates, Cell> | undefined;
}

/**
 * Puts the door before the app. A request without a place at its gate is turned away before its
 * route, body or signature is looked at. An admitted request counts at the gate from here on.
 * Otherwise a thousand requests of the same moment would find the gate open, and be turned away
 * only after their signatures were checked.
 *
 * The refusal comes after a pause. Reading any request and writing any answer costs some 20 µs.
 * Without the pause nine refusals for each served command would take much of that command's CPU.
 * The client is an edge with a bounded number of requests in flight. While refused requests pause,
 * a timer each, the edge cannot send others in their place.
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

/** The operator gets answers even while the origin is busy. */
function isHealth({ method, url }: Request): boolean {
  return (method === "GET" || method === "HEAD") && HEALTH.includes(new URL(url).pathname);
}

const HEALTH = ["/healthz", "/readyz", "/metrics"];
