import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { passLectures } from "../lecture-reads.ts";
import { lectureIdOf } from "../path-ids.ts";

/** GET /api/lectures/:id: one lecture. */
export function lecture({ origin }: Pick<EdgeDeps, "origin">) {
  return async (c: EdgeContext): Promise<Response> =>
    passLectures(c, origin, `/lectures/${lectureIdOf(c)}`);
}
