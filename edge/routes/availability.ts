import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { askAvailability } from "../kept-availability.ts";
import { answerKept } from "../kept-route.ts";
import { lectureIdOf } from "../path-ids.ts";

/**
 * GET /api/lectures/:id/availability: the state of a booking button. Never stale: without Redis
 * nobody knows it.
 */
export function availability(deps: Pick<EdgeDeps, "whyNotLoaded" | "keptReads" | "metrics">) {
  return answerKept(deps, (c: EdgeContext) => {
    const lectureId = lectureIdOf(c);
    return {
      key: `/lectures/${lectureId}/availability`,
      of: "availability",
      route: "GET /api/lectures/:id/availability",
      ask: askAvailability(deps, lectureId, deps.keptReads.now),
      staleForMs: 0,
    };
  });
}
