import * as z from "zod";
import { Reservation } from "../../contract/reservation.ts";
import { answerJson, requestIdOf } from "../answer.ts";
import type { EdgeContext } from "../context.ts";
import type { EdgeDeps } from "../deps.ts";
import { askFor, errorOf } from "../origin-answers.ts";
import { answerUnavailable } from "../unavailable.ts";

const Reservations = z.object({ reservations: z.array(Reservation) });

/** GET /api/me/reservations: all of the user's reservations that the origin knows of. */
export function myReservations({ origin }: Pick<EdgeDeps, "origin">) {
  return async (c: EdgeContext): Promise<Response> => {
    const requestId = requestIdOf(c);
    const path = `/users/${c.get("session").sub}/reservations`;
    const answer = await askFor(Reservations, origin, { method: "GET", path, requestId });
    if (answer.outcome === "answered") return answerJson(c, 200, answer.value);
    return answerUnavailable(c, "my reservations", errorOf(answer));
  };
}
