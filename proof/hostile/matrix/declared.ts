import {
  type EdgeRoute,
  type Expected,
  edgeRoutes,
  methods,
  noMethod,
  originRoutes,
  stranger,
} from "../routes.ts";

/** The edge's clients. The organiser and the admin of the tests work for no host. */
export const roles = ["none", "student", "organiser", "admin"] as const;
export type Role = (typeof roles)[number];

export const allMethods = [...methods, "TRACE", "CONNECT"];

/**
 * A server's own answers to methods that it does not pass to the app; 0 ends the connection without
 * an answer.
 */
const refusedByServer: Record<string, Record<string, number>> = {
  workerd: { CONNECT: 500, BREW: 501, get: 501 },
  bun: { BREW: 0, get: 0 },
  deno: { CONNECT: 400 },
};

/** What a client of this server sees of the app's answer. An answer to HEAD has no code. */
export function seenThrough(server: string, method: string, [status, code]: Expected): Expected {
  const byServer = refusedByServer[server]?.[method];
  if (byServer !== undefined) return [byServer];
  return method === "HEAD" || code === undefined ? [status] : [status, code];
}

/** The edge's answer to a method at the path of some route. */
export function expectedOfEdge(path: string, method: string, role: Role): Expected {
  const asked = method === "HEAD" ? "GET" : method;
  const route = edgeRoutes[`${asked} ${path}`];
  if (!route) return noMethod;
  const refused = refusalOf(route, role);
  if (refused) return refused;
  return (method === "HEAD" && route.head) || route.answer;
}

function refusalOf({ stranger, student, organiser }: EdgeRoute, role: Role): Expected | undefined {
  return { none: stranger, student, organiser, admin: undefined }[role];
}

/**
 * The origin's answer. A client other than the edge learns nothing, not even which routes exist.
 */
export function expectedOfOrigin(path: string, method: string, isSigned: boolean): Expected {
  const isRead = method === "GET" || method === "HEAD";
  const declared = originRoutes[`${method === "HEAD" ? "GET" : method} ${path}`]?.answer;
  const isHealth = path === "/healthz" || path === "/readyz" || path === "/metrics";
  if (declared && isRead && isHealth) return declared;
  if (!isSigned) return stranger;
  return declared ?? [404, "route_not_found"];
}

export function pathsOf(routes: Record<string, unknown>): string[] {
  return [...new Set(Object.keys(routes).map((route) => route.slice(route.indexOf(" ") + 1)))];
}
