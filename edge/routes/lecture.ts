import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { askLectures, STALE_FOR_MS } from "../kept-lectures.ts";
import { answerKept } from "../kept-route.ts";
import { lectureIdOf } from "../path-ids.ts";

/** GET /api/lectures/:id: one lecture. */
export function lecture(deps: Pick<EdgeDeps, "origin" | "compress" | "keptReads" | "metrics">) {
  const { origin, compress } = deps;
  return answerKept(deps, (c: EdgeContext) => {
    const key = `/lectures/${lectureIdOf(c)}`;
    return {
      key,
      of: "lectures",
      route: "GET /api/lectures/:id",
      ask: askLectures(origin, compress, key),
      staleForMs: STALE_FOR_MS,
    };
  });
}
