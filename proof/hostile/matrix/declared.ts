/** An answer: its status, and the code of a refusal. */
export type Expected = [status: number, code?: string];

/** Who asks the edge. Nobody but `none` is refused by role: the routes of organisers are still to come. */
export const roles = ["none", "student", "organiser", "admin"] as const;
export type Role = (typeof roles)[number];

interface Declared {
  /** what somebody without a session is told */
  none: Expected;
  /** what each role is told, or all of them */
  signedIn: Expected | Record<Exclude<Role, "none">, Expected>;
  /** HEAD, where it is not answered as GET */
  head?: Expected;
}

const stranger: Expected = [401, "unauthenticated"];
const noLecture: Expected = [404, "lecture_not_found"];
const noReservation: Expected = [404, "reservation_not_found"];
const noMethod: Expected = [405, "method_not_allowed"];

/** What every route of the edge says to a request that names nothing there is and has no body. A new route has to be put here. */
export const edgeRoutes: Record<string, Declared> = {
  "GET /api/lectures": { none: [200], signedIn: [200] },
  "GET /api/lectures/:id": { none: noLecture, signedIn: noLecture },
  "GET /api/lectures/:id/availability": { none: noLecture, signedIn: noLecture },
  "POST /api/auth/demo": { none: [422, "invalid_request"], signedIn: [422, "invalid_request"] },
  "POST /api/auth/sign-out": { none: [204], signedIn: [204] },
  "POST /api/lectures/:id/reservations": { none: stranger, signedIn: noLecture },
  "GET /api/reservations/:id": { none: stranger, signedIn: noReservation },
  "GET /api/reservations/:id/events": { none: stranger, signedIn: noReservation, head: noMethod },
  "DELETE /api/reservations/:id": { none: stranger, signedIn: noReservation },
  "GET /api/me": { none: stranger, signedIn: [200] },
  "GET /api/me/reservations": { none: stranger, signedIn: [200] },
  // A session is no token of it.
  "GET /metrics": { none: stranger, signedIn: stranger },
};

/** What every route of the origin says to such a request when it is signed; unsigned, only health and metrics are answered. */
export const originRoutes: Record<string, Expected> = {
  "GET /healthz": [200],
  "GET /readyz": [200],
  "GET /metrics": [200],
  "POST /commands": [400, "malformed_json"],
  "GET /reservations/:rid": noReservation,
  "GET /reservations/:rid/events": noReservation,
  "GET /users/:user/reservations": [200],
  "GET /open-lectures": [200],
  "GET /lectures": [200],
  "GET /lectures/:id": noLecture,
  "POST /auth/demo": [400, "malformed_json"],
};

export const methods = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "CONNECT",
  "BREW",
  "get",
];

/** What a server answers by itself to methods that it does not hand on to the app; 0 ends the connection without an answer. */
export const refusedByServer: Record<string, Record<string, number>> = {
  workerd: { CONNECT: 500, BREW: 501, get: 501 },
  bun: { BREW: 0, get: 0 },
  deno: { CONNECT: 400 },
};

/** The edge's answer to a method at the path of some route. */
export function expectedOfEdge(path: string, method: string, role: Role): Expected {
  const declared = edgeRoutes[`${method} ${path}`];
  if (declared) return answerTo(declared, role);
  const asGet = method === "HEAD" ? edgeRoutes[`GET ${path}`] : undefined;
  if (!asGet) return noMethod;
  const answer = answerTo(asGet, role);
  return asGet.head && answer[0] !== 401 ? asGet.head : answer;
}

function answerTo({ none, signedIn }: Declared, role: Role): Expected {
  if (role === "none") return none;
  return Array.isArray(signedIn) ? signedIn : signedIn[role];
}

/** The origin's answer. Whoever is not the edge is told nothing, not even what there is. */
export function expectedOfOrigin(path: string, method: string, isSigned: boolean): Expected {
  const isRead = method === "GET" || method === "HEAD";
  const declared = originRoutes[`${method === "HEAD" ? "GET" : method} ${path}`];
  const isHealth = path === "/healthz" || path === "/readyz" || path === "/metrics";
  if (declared && isRead && isHealth) return declared;
  if (!isSigned) return stranger;
  return declared ?? [404, "route_not_found"];
}

export function pathsOf(routes: Record<string, unknown>): string[] {
  return [...new Set(Object.keys(routes).map((route) => route.slice(route.indexOf(" ") + 1)))];
}
