import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { askLectures, STALE_FOR_MS } from "../kept-lectures.ts";
import { answerKept } from "../kept-route.ts";
import { lectureQuery } from "../lecture-query.ts";

/** GET /api/lectures: the lectures anybody may see. */
export function lectures(deps: Pick<EdgeDeps, "origin" | "compress" | "keptReads" | "metrics">) {
  const { origin, compress } = deps;
  return answerKept(deps, (c: EdgeContext) => {
    const key = `/lectures${lectureQuery(c.req.url)}`;
    return {
      key,
      of: "lectures",
      route: "GET /api/lectures",
      ask: askLectures(origin, compress, key),
      staleForMs: STALE_FOR_MS,
    };
  });
}
