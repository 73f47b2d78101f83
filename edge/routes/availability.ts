import { readAvailability } from "../../admission/availability.ts";
import type { Availability } from "../../contract/lecture.ts";
import { answerJson, requestIdOf } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { type LongOver, windowEndMs } from "../long-over.ts";
import { lectureIdOf } from "../path-ids.ts";
import { problem } from "../problem.ts";
import { answerUnavailable } from "../unavailable.ts";

/**
 * GET /api/lectures/:id/availability: the state of a booking button. Not cached even for 1 s: pages
 * set their clock by `serverTime` to open the button on time.
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
    if (answer) return answerJson(c, 200, answer);
    const why = await whyNotLoaded(lectureId, requestIdOf(c));
    return "lecture" in why ? answerJson(c, 200, availabilityOf(why)) : problem(c, why.code);
  };
}

/** Of a lecture that is long over: no seat can be booked, however many stayed free. */
function availabilityOf({ lecture, code }: LongOver): Availability {
  const { capacity, opensAt } = lecture;
  return {
    state: code === "closed" ? "closed" : "cancelled",
    remaining: 0,
    capacity,
    opensAt,
    closesAt: new Date(windowEndMs(lecture)).toISOString(),
    serverTime: new Date().toISOString(),
  };
}
