import { readAvailability } from "../../admission/availability.ts";
import type { Availability } from "../../contract/lecture.ts";
import { answerJson } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { lectureIdOf } from "../path-ids.ts";
import { answerNotLoaded, answerUnavailable } from "../unavailable.ts";

/**
 * GET /api/lectures/:id/availability: what a booking button shows. Not cached, not even for a second: pages set their clock by its
 * `serverTime` to open the button on time.
 */
export function availability({ redis, whyNotLoaded }: Pick<EdgeDeps, "redis" | "whyNotLoaded">) {
  return async (c: EdgeContext): Promise<Response> => {
    const lectureId = lectureIdOf(c);
    let answer: Availability | undefined;
    try {
      answer = await readAvailability(redis, lectureId);
    } catch (error) {
      return answerUnavailable(c, "availability", error);
    }
    if (!answer) return answerNotLoaded(c, whyNotLoaded, lectureId);
    return answerJson(c, 200, answer);
  };
}
