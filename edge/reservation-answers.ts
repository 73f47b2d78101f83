import { lectureOf, type Rid } from "../contract/ids.ts";
import type { Overlap, Reservation } from "../contract/reservation.ts";
import { answerJson, NOT_STORED } from "./answer.ts";
import type { EdgeContext } from "./context.ts";
import { languageOf, type ProblemExtras, problem, retryAfter } from "./problem.ts";

export function locationOf(rid: Rid): string {
  return `/api/reservations/${rid}`;
}

/** The shortest wait before a client asks again, in milliseconds. */
const POLL_MS = 1_000;

/** Answers a request to book. The same reservation always gives the same answer. */
export function answerBooking(c: EdgeContext, reservation: Reservation): Response {
  const { id, status, reason, decidedAt, overlaps } = reservation;
  switch (status) {
    case "confirmed":
      return answerJson(c, 201, reservation, { ...NOT_STORED, Location: locationOf(id) });
    case "cancelled":
      return answerJson(c, 200, reservation);
    case "rejected":
      return problem(c, reason ?? "undeliverable", {
        headers: { Location: locationOf(id) },
        members: {
          reservationId: id,
          ...(decidedAt && { decidedAt }),
          ...(overlaps && { overlaps }),
        },
        ...detailOf(overlaps),
      });
    case "pending":
      return answerPending(c, reservation);
  }
}

/** Names the lectures that are in the way. */
function detailOf(overlaps: Overlap[] | undefined): Pick<ProblemExtras, "detail"> {
  if (!overlaps) return {};
  const names = overlaps.map(({ lectureId, title }) => title ?? lectureId);
  return {
    detail: {
      en: `In the way: ${names.join(", ")}.`,
      zh: `时段冲突的讲座：${names.join("、")}。`,
    },
  };
}

/** 202: the decision is pending, and the client learns where to ask. */
export function answerPending(c: EdgeContext, reservation: Reservation): Response {
  return answerJson(c, 202, reservation, {
    ...NOT_STORED,
    Location: locationOf(reservation.id),
    "Retry-After": retryAfter(POLL_MS),
  });
}

/** 202 although a part behind the edge did not answer: the request stands and will be decided. */
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

/** A reservation that has a claim and no decision. */
export function pendingReservation(rid: Rid): Reservation {
  return { id: rid, lectureId: lectureOf(rid), status: "pending" };
}
