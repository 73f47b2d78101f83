import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { passLectures } from "../lecture-reads.ts";

/** GET /api/lectures: the published lectures. */
export function lectures({ origin }: Pick<EdgeDeps, "origin">) {
  return (c: EdgeContext): Promise<Response> => passLectures(c, origin, "/lectures");
}
