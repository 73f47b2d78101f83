import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { passLectures } from "../lecture-reads.ts";

/** GET /api/lectures: the lectures anybody may see. */
export function lectures({ origin }: Pick<EdgeDeps, "origin">) {
  return (c: EdgeContext): Promise<Response> => passLectures(c, origin, "/lectures");
}
