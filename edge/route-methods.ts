import { TrieRouter } from "hono/router/trie-router";
import type { RouterRoute } from "hono/types";

/** Tells which methods an address takes; none where there is no route. */
export type MethodsAt = (path: string) => string[];

/**
 * Reads the methods from the routes of an app. HEAD is taken wherever GET is.
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
