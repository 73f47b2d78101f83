import { writeActor } from "../../contract/actor.ts";
import {
  OriginSeatPage,
  readSeatQuery,
  SEATS_LIMIT_MAX,
  type SeatPage,
  writeSeatQuery,
} from "../../contract/lecture-reservations.ts";
import { DecisionStatus } from "../../contract/reservation.ts";
import { answerJson, NOT_STORED, requestIdOf } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { actorOf } from "../organiser.ts";
import { askFor } from "../origin-answers.ts";
import { passFile, wantsCsv } from "../pass-file.ts";
import { lectureIdOf } from "../path-ids.ts";
import { problem, Refused } from "../problem.ts";
import { answerUnavailable } from "../unavailable.ts";

/**
 * GET /api/admin/lectures/:id/reservations: the decided reservations of an organiser's lecture, in
 * pages by id; `status` and `student` (the beginning of a number) narrow them. With `Accept:
 * text/csv` all of them come as one file.
 */
export function lectureReservations({ origin }: Pick<EdgeDeps, "origin">) {
  return async (c: EdgeContext): Promise<Response> => {
    const lectureId = lectureIdOf(c);
    const query = readSeatQuery(c.req.query());
    if (!query) throw new Refused("invalid_request", { detail });
    const at = `/admin/lectures/${lectureId}/reservations`;
    const path = (suffix: string, asked: string) =>
      `${at}${suffix}?${writeActor(actorOf(c))}${asked === "" ? "" : `&${asked}`}`;
    if (wantsCsv(c)) {
      const { status, student } = query;
      const asked = writeSeatQuery({ status, student });
      return passFile(c, origin, path(".csv", asked), `lecture-${lectureId}-reservations`);
    }
    const page = await askFor(OriginSeatPage, origin, {
      method: "GET",
      path: path("", writeSeatQuery(query)),
      requestId: requestIdOf(c),
    });
    if (page.outcome === "unknown") return answerUnavailable(c, "reservations", page.error);
    if (page.outcome === "refused") return problem(c, page.code);
    const { reservations, more } = page.value;
    const next = more && `/api${at}?${writeSeatQuery({ ...query, after: more })}`;
    return answerJson(c, 200, { reservations, ...(next && { next }) } satisfies SeatPage, {
      ...NOT_STORED,
      Vary: "Accept",
      ...(next && { Link: `<${next}>; rel="next"` }),
    });
  };
}

const detail = {
  en:
    `limit must be 1 to ${SEATS_LIMIT_MAX}, status one of ${DecisionStatus.options.join(", ")}, ` +
    "student the beginning of a student number, and after must come from the page before.",
  zh:
    `limit 须为 1 至 ${SEATS_LIMIT_MAX}，status 须为 ${DecisionStatus.options.join("、")} 之一，` +
    "student 须为学号的开头，after 须来自上一页。",
};
