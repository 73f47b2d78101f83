import { TrieRouter } from "hono/router/trie-router";
import type { RouterRoute } from "hono/types";

/** Returns the methods that an address takes; none without a route. */
export type MethodsAt = (path: string) => string[];

/**
 * Reads the methods from an app's routes. HEAD is taken wherever GET is.
 *
 * @param withoutHead the patterns of routes that take GET and not HEAD
 */
export function methodsOf(routes: RouterRoute[], withoutHead: string[]): MethodsAt {
  const router = new TrieRouter<string[]>();
  for (const { method, path } of routes) {
    const hasHead = method === "GET" && !withoutHead.includes(path);
    router.add("ALL", path, hasHead ? ["GET", "HEAD"] : [method]);
  }
  return (path) => router.match("ALL", path)[0].flatMap(([methods]) => methods);
}
