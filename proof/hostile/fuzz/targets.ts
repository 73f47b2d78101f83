import fc from "fast-check";
import { writeCursor } from "../../../contract/reservation-page.ts";
import { checkEdgeAnswer, checkOriginAnswer, edgeSuccess, originSuccess } from "./answers.ts";
import { bodyOf } from "./bodies.ts";
import { edgeInMemory } from "./edge-in-memory.ts";
import { type Input, inputsOf, type Shape } from "./input.ts";
import { originInMemory } from "./origin-in-memory.ts";
import { hostileText, mostly, segment, userId } from "./texts.ts";

/** A route to try: its inputs, the way to send them, and the check of its answers. */
export interface Target {
  service: "edge" | "origin";
  route: string;
  inputs: fc.Arbitrary<Input>;
  send(input: Input): Promise<Response> | Response;
  /** fails, or returns the name of the answer */
  check(method: string, answer: Response): Promise<string>;
}

const text = (...good: string[]) =>
  mostly<unknown>(fc.constantFrom(...good), fc.oneof(hostileText, fc.jsonValue({ maxDepth: 1 })));
const number = mostly<unknown>(
  fc.constantFrom(0, 1, 1_700_000_000_000),
  fc.oneof(fc.double(), hostileText),
);
const signIn = bodyOf({ studentNumber: text("20230001", "A123") });
const rid = `7-${"0".repeat(32)}`;
const command = fc.record(
  {
    kind: text("reserve", "cancel"),
    rid: text(rid),
    lectureId: text("7"),
    userId: text("s-1"),
    claimedAtMs: number,
    requestedAtMs: number,
  },
  { requiredKeys: ["kind", "rid", "lectureId", "userId"] },
);
const user = { user: userId };
const waitMs = mostly(
  fc.constantFrom("0", "1", "20000"),
  fc.constantFrom("", "-1", "1e9", "NaN", "0x10", "1.5", "20001"),
);

const limit = mostly(
  fc.constantFrom("1", "50", "200"),
  fc.constantFrom("", "0", "-1", "201", "1e2", "NaN"),
);
const place = mostly(fc.constantFrom(`1700000000000.${rid}`, `0.${rid}`), segment);
const CURSOR = writeCursor({ claimedAtMs: 1_700_000_000_000, rid });

const list = {
  q: mostly(fc.constantFrom("light", "量子", "%_"), segment),
  state: mostly(fc.constantFrom("upcoming", "open", "closed", "cancelled"), segment),
  day: mostly(fc.constantFrom("2026-12-31", "9999-12-31", "2026-02-30"), segment),
  host: mostly(fc.constant("campus"), segment),
  category: mostly(fc.constant("science"), segment),
  after: mostly(fc.constantFrom(btoa("1700000000000.7"), btoa("999999999999999.1")), segment),
  limit: mostly(fc.constantFrom("1", "50", "100"), fc.constantFrom("", "0", "101", "1e2")),
};

/** A route's inputs beyond its path. */
const shapes: Record<string, Omit<Shape, "route">> = {
  "POST /api/auth/demo": { body: signIn },
  "GET /api/lectures": { query: list },
  "GET /lectures": { query: list },
  "POST /api/lectures/:id/reservations": {
    headers: ["Idempotency-Key", "Prefer", "Idempotency-Key"],
  },
  "GET /api/reservations/:id": { headers: ["Prefer", "Prefer"] },
  "DELETE /api/reservations/:id": { headers: ["Prefer", "Prefer"] },
  "GET /api/me/reservations": { query: { limit, cursor: mostly(fc.constant(CURSOR), segment) } },
  "GET /users/:user/reservations": { query: { limit, after: place, held: place } },
  "POST /commands": { body: bodyOf({ command, waitMs: number }) },
  "GET /reservations/:rid": { query: { ...user, waitMs } },
  "GET /api/reservations/:id/events": { headers: ["Last-Event-ID", "Accept"] },
  "GET /reservations/:rid/events": {
    query: { ...user, told: mostly(fc.constantFrom("confirmed", "pending"), segment) },
  },
  "POST /auth/demo": { body: signIn },
};

/** Every route of edge and origin, from their apps. */
export async function allTargets(): Promise<Target[]> {
  const [edge, origin] = [await edgeInMemory(), originInMemory()];
  const targetsOf = (
    service: Target["service"],
    app: typeof edge | typeof origin,
    check: typeof checkEdgeAnswer,
  ) =>
    routesOf(app.routes).map((route) => ({
      service,
      route,
      inputs: inputsOf({ route, ...shapes[route] }),
      send: app.send,
      check: (method: string, answer: Response) => check(route, method, answer),
    }));
  return [
    ...targetsOf("edge", edge, checkEdgeAnswer),
    ...targetsOf("origin", origin, checkOriginAnswer),
  ];
}

/** The routes of an app, without middleware, each once. */
export function routesOf(routes: { method: string; path: string }[]): string[] {
  const named = routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path}`);
  return [...new Set(named)];
}

export const knownRoutes = { edge: Object.keys(edgeSuccess), origin: Object.keys(originSuccess) };
