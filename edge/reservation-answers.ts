import { lectureOf, type Rid } from "../contract/ids.ts";
import type { Reservation } from "../contract/reservation.ts";
import { answerJson, NOT_STORED } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import { languageOf, problem, retryAfter } from "./problem.ts";

/** Where a client asks for a reservation. */
export function locationOf(rid: Rid): string {
  return `/api/reservations/${rid}`;
}

/** How long a client may wait until it asks again, at least, in milliseconds. */
const POLL_MS = 1_000;

/** How a request to book ends: the same reservation gives the same answer, however often it is asked for. */
export function answerBooking(c: EdgeContext, reservation: Reservation): Response {
  const { id, status, reason, decidedAt } = reservation;
  switch (status) {
    case "confirmed":
      return answerJson(c, 201, reservation, { ...NOT_STORED, Location: locationOf(id) });
    case "cancelled":
      return answerJson(c, 200, reservation);
    case "rejected":
      return problem(c, reason ?? "undeliverable", {
        headers: { Location: locationOf(id) },
        members: { reservationId: id, ...(decidedAt && { decidedAt }) },
      });
    case "pending":
      return answerPending(c, reservation);
  }
}

/** 202: it is being decided, and the client is told where to ask. */
export function answerPending(c: EdgeContext, reservation: Reservation): Response {
  return answerJson(c, 202, reservation, {
    ...NOT_STORED,
    Location: locationOf(reservation.id),
    "Retry-After": retryAfter(POLL_MS),
  });
}

/** 202 although a part behind the edge did not answer: what was asked for stands and will be decided. */
export function answerDegraded(c: EdgeContext, reservation: Reservation): Response {
  const language = languageOf(c);
  return answerJson(
    c,
    202,
    { ...reservation, degraded: true, message: BUSY[language] },
    {
      ...NOT_STORED,
      "Content-Language": language,
      Vary: "Accept-Language",
      Location: locationOf(reservation.id),
      "Retry-After": retryAfter(POLL_MS),
    },
  );
}

const BUSY = {
  en: "We have your request and are working through a rush. There is no need to press again.",
  zh: "您的请求已收到，当前人数较多，正在排队处理，无需重复提交。",
};

/** What is known of a reservation that has a claim and no decision. */
export function pendingReservation(rid: Rid): Reservation {
  return { id: rid, lectureId: lectureOf(rid), status: "pending" };
}
