import type { ZodOpenApiPathItemObject, ZodOpenApiPathsObject } from "zod-openapi";

/** The operations of one subject. Two tags may share a path, and never a method of it. */
export interface Tag {
  name: string;
  description: string;
  paths: ZodOpenApiPathsObject;
}

const METHODS = ["get", "head", "put", "post", "patch", "delete"] as const;

/** The paths of all tags, each operation under its tag's name. Throws for a second operation. */
export function pathsOf(tags: Tag[]): ZodOpenApiPathsObject {
  const all: ZodOpenApiPathsObject = {};
  for (const { name, paths } of tags)
    for (const [path, item] of Object.entries(paths)) {
      all[path] ??= {};
      add(path, all[path], item, name);
    }
  return all;
}

function add(
  path: string,
  to: ZodOpenApiPathItemObject,
  item: ZodOpenApiPathItemObject,
  tag: string,
): void {
  for (const method of METHODS) {
    const operation = item[method];
    if (!operation) continue;
    if (to[method]) throw new Error(`${method} ${path} has two operations`);
    to[method] = { ...operation, tags: [tag] };
  }
}
