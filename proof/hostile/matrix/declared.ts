import { type Expected, edgeRoutes, methods, noMethod, originRoutes, stranger } from "../routes.ts";

/** The edge's clients. Only `none` is refused by role: routes for organisers do not exist yet. */
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
  const route = edgeRoutes[`${method === "HEAD" ? "GET" : method} ${path}`];
  if (!route) return noMethod;
  if (role === "none" && route.stranger) return route.stranger;
  return (method === "HEAD" && route.head) || route.answer;
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
