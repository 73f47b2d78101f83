import { TrieRouter } from "hono/router/trie-router";
import type { RouterRoute } from "hono/types";

/** Returns the methods that an address takes; none without a route. */
export type MethodsAt = (path: string) => string[];

/**
 * Reads the methods from an app's routes. HEAD is taken wherever GET is. An address that a route
 * names letter by letter takes what such routes take: no pattern matches it.
 *
 * @param withoutHead the patterns of routes that take GET and not HEAD
 */
export function methodsOf(routes: RouterRoute[], withoutHead: string[]): MethodsAt {
  const router = new TrieRouter<string[]>();
  const named = new Map<string, string[]>();
  for (const { method, path } of routes) {
    const hasHead = method === "GET" && !withoutHead.includes(path);
    const taken = hasHead ? ["GET", "HEAD"] : [method];
    router.add("ALL", path, taken);
    if (!path.includes(":")) named.set(path, [...(named.get(path) ?? []), ...taken]);
  }
  return (path) => named.get(path) ?? router.match("ALL", path)[0].flatMap(([methods]) => methods);
}
