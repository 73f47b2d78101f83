/** An answer: its status, and the code of a refusal. */
export type Expected = [status: number, code?: string];

/** The edge's clients. The organiser and the admin of the tests work for no host. */
export const roles = ["none", "student", "organiser", "admin"] as const;
export type Role = (typeof roles)[number];

interface Declared {
  /** the answer without a session */
  none: Expected;
  /** the answer to each role, or to all of them */
  signedIn: Expected | Record<Exclude<Role, "none">, Expected>;
  /** the answer to HEAD, if it differs from GET's */
  head?: Expected;
}

const stranger: Expected = [401, "unauthenticated"];
const forbidden: Expected = [403, "forbidden"];
const noVersion: Expected = [428, "precondition_required"];
const noAmendment: Expected = [404, "amendment_not_found"];
const noHost: Expected = [404, "host_not_found"];
const invalid: Expected = [422, "invalid_request"];
const noLecture: Expected = [404, "lecture_not_found"];
const noReservation: Expected = [404, "reservation_not_found"];
const noMethod: Expected = [405, "method_not_allowed"];

/**
 * The answer of every edge route to a request without a body, for an object that does not exist. A
 * new route must be added here.
 */
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
  "GET /api/admin/lectures": { none: stranger, signedIn: organisersOnly([200]) },
  "POST /api/admin/lectures": { none: stranger, signedIn: organisersOnly(invalid) },
  "GET /api/admin/lectures/export": { none: stranger, signedIn: organisersOnly([200]) },
  "POST /api/admin/lectures/import": { none: stranger, signedIn: organisersOnly(invalid) },
  "GET /api/admin/lectures/:id": { none: stranger, signedIn: organisersOnly(noLecture) },
  "PATCH /api/admin/lectures/:id": { none: stranger, signedIn: organisersOnly(noVersion) },
  "DELETE /api/admin/lectures/:id": { none: stranger, signedIn: organisersOnly(noVersion) },
  "POST /api/admin/lectures/:id/publish": { none: stranger, signedIn: organisersOnly(noVersion) },
  "POST /api/admin/lectures/:id/close": { none: stranger, signedIn: organisersOnly(noVersion) },
  "POST /api/admin/lectures/:id/postpone": { none: stranger, signedIn: organisersOnly(noVersion) },
  "POST /api/admin/lectures/:id/cancel": { none: stranger, signedIn: organisersOnly(noVersion) },
  "GET /api/admin/lectures/:id/amendments": {
    none: stranger,
    signedIn: organisersOnly(noLecture),
  },
  "GET /api/admin/lectures/:id/reservations": {
    none: stranger,
    signedIn: organisersOnly(noLecture),
  },
  "POST /api/admin/lectures/:id/reservations": {
    none: stranger,
    signedIn: organisersOnly(invalid),
  },
  "GET /api/admin/amendments/:id": { none: stranger, signedIn: organisersOnly(noAmendment) },
  "GET /api/admin/hosts": { none: stranger, signedIn: organisersOnly([200]) },
  "GET /api/admin/hosts/:id": { none: stranger, signedIn: organisersOnly(noHost) },
  "PUT /api/admin/hosts/:id": {
    none: stranger,
    signedIn: { student: forbidden, organiser: forbidden, admin: invalid },
  },
  // A session is not a metrics token.
  "GET /metrics": { none: stranger, signedIn: stranger },
};

/**
 * The answer of every origin route to such a request if signed. Unsigned, only health and metrics
 * are answered.
 */
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
  // The address names nobody.
  "GET /admin/lectures": forbidden,
  "POST /admin/lectures": forbidden,
  "GET /admin/lectures/:id": forbidden,
  "POST /admin/lectures/:id/amendments": forbidden,
  "GET /admin/lectures/:id/amendments": forbidden,
  "GET /admin/amendments/:rid": forbidden,
  "GET /admin/lectures/:id/reservations": forbidden,
  "GET /admin/lectures/:id/reservations.csv": forbidden,
  "POST /admin/lectures/:id/students": forbidden,
  "GET /admin/lecture-file": forbidden,
  "POST /admin/lecture-file": forbidden,
  "POST /claims": [400, "malformed_json"],
  "POST /decisions": [400, "malformed_json"],
  "GET /admin/hosts": forbidden,
  "GET /admin/hosts/:id": forbidden,
  "POST /admin/hosts/:id": forbidden,
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

/**
 * A server's own answers to methods that it does not pass to the app; 0 ends the connection without
 * an answer.
 */
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
  if (!asGet && LIKE_AN_ID.includes(path)) return expectedOfNoId(method, role);
  if (!asGet) return noMethod;
  const answer = answerTo(asGet, role);
  return asGet.head && answer[0] !== 401 ? asGet.head : answer;
}

/** Words in the place of a lecture's id: methods that have no route of their own take them for one. */
const LIKE_AN_ID = ["/api/admin/lectures/export", "/api/admin/lectures/import"];

function expectedOfNoId(method: string, role: Role): Expected {
  const declared = edgeRoutes[`${method === "HEAD" ? "GET" : method} /api/admin/lectures/:id`];
  if (!declared) return noMethod;
  return answerTo({ ...declared, signedIn: organisersOnly(noLecture) }, role);
}

function organisersOnly(answer: Expected): Declared["signedIn"] {
  return { student: forbidden, organiser: answer, admin: answer };
}

function answerTo({ none, signedIn }: Declared, role: Role): Expected {
  if (role === "none") return none;
  return Array.isArray(signedIn) ? signedIn : signedIn[role];
}

/**
 * The origin's answer. A client other than the edge learns nothing, not even which routes exist.
 */
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
