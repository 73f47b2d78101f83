import * as z from "zod";
import type { ZodOpenApiHeadersObject, ZodOpenApiResponseObject } from "zod-openapi";
import { IdempotencyKey } from "../ids.ts";
import { DecisionStatus, Reservation, ReservationStatus } from "../reservation.ts";
import { PAGE_LIMIT, PAGE_LIMIT_MAX, ReservationPage } from "../reservation-page.ts";
import { LECTURE_PATH, PREFER, RESERVATION_PATH } from "./parameters.ts";
import { OF_A_BODY, OF_A_SESSION, OF_A_WRITE, refusals } from "./refusals.ts";
import { LOCATION, RETRY_AFTER } from "./response-headers.ts";
import type { Tag } from "./tag.ts";

const KEY = z.optional(
  IdempotencyKey.meta({
    description: "The name of this intent: the same key gives the same reservation.",
  }),
);

/** A reservation, with a note where a part behind the edge did not answer. */
const Answered = Reservation.extend({
  degraded: z.optional(z.literal(true)),
  message: z.optional(z.string()),
});

/** One event of a stream. */
const StatusEvent = z.object({
  event: z.optional(z.literal("status")),
  id: z.optional(ReservationStatus),
  data: z.optional(
    z.string().meta({ contentMediaType: "application/json", description: "a Reservation" }),
  ),
  retry: z.optional(z.int().meta({ description: "when to connect again, in milliseconds" })),
});

function reservationAnswer(
  description: string,
  headers: ZodOpenApiHeadersObject = {},
): ZodOpenApiResponseObject {
  return { description, headers, content: { "application/json": { schema: Answered } } };
}

/** An undecided reservation: where to ask again, and when. */
const UNDECIDED = { ...LOCATION, ...RETRY_AFTER };

/** Booking a seat, following it, giving it back. */
export const booking: Tag = {
  name: "booking",
  description: "Seats: booking, following, giving back",
  paths: {
    "/api/lectures/{id}/reservations": {
      post: {
        operationId: "reserve",
        summary: "Book a seat",
        requestParams: {
          path: LECTURE_PATH,
          header: z.object({ "Idempotency-Key": KEY, Prefer: PREFER }),
        },
        requestBody: {
          required: false,
          content: { "application/json": { schema: z.strictObject({}) } },
        },
        responses: {
          "200": reservationAnswer("This key's reservation was cancelled."),
          "201": reservationAnswer("The seat is confirmed.", LOCATION),
          "202": reservationAnswer("The seat is claimed, the decision is on its way.", UNDECIDED),
          ...refusals([
            ...OF_A_WRITE,
            ...OF_A_BODY,
            "lecture_not_found",
            "not_eligible",
            "not_open",
            "closed",
            "sold_out",
            "already_reserved",
            "lecture_cancelled",
            "overlaps",
            "undeliverable",
            "throttled",
            "not_ready",
          ]),
        },
      },
    },
    "/api/reservations/{id}": {
      get: {
        operationId: "getReservation",
        summary: "One's own reservation",
        requestParams: { path: RESERVATION_PATH, header: z.object({ Prefer: PREFER }) },
        responses: {
          "200": reservationAnswer("The reservation as it stands"),
          ...refusals([
            ...OF_A_SESSION,
            "rate_limited",
            "invalid_request",
            "reservation_not_found",
            "overloaded",
          ]),
        },
      },
      delete: {
        operationId: "cancelReservation",
        summary: "Give the seat back",
        requestParams: { path: RESERVATION_PATH, header: z.object({ Prefer: PREFER }) },
        responses: {
          "200": reservationAnswer("The seat is given back."),
          "202": reservationAnswer("The cancel is on its way.", UNDECIDED),
          ...refusals([
            ...OF_A_WRITE,
            "invalid_request",
            "reservation_not_found",
            "not_cancellable",
            "too_late",
            "not_decided",
            "overloaded",
          ]),
        },
      },
    },
    "/api/reservations/{id}/events": {
      head: {
        operationId: "headOfEvents",
        summary: "Not taken: the head of a stream would cost as much as the stream",
        requestParams: { path: RESERVATION_PATH },
        responses: refusals([...OF_A_SESSION, "rate_limited", "method_not_allowed"]),
      },
      get: {
        operationId: "followReservation",
        summary: "One's own reservation, as it changes",
        requestParams: {
          path: RESERVATION_PATH,
          header: z.object({
            "Last-Event-ID": z.optional(
              DecisionStatus.meta({ description: "the last status heard; the decision ends it" }),
            ),
          }),
        },
        responses: {
          "200": {
            description: "Events named `status`; data is the reservation, the id its status",
            content: { "text/event-stream": { schema: StatusEvent } },
          },
          "204": { description: "The decision was heard before: nothing more will come." },
          ...refusals([
            ...OF_A_SESSION,
            "rate_limited",
            "reservation_not_found",
            "overloaded",
            "too_many_streams",
          ]),
        },
      },
    },
    "/api/me/reservations": {
      get: {
        operationId: "listOwnReservations",
        summary: "One's own reservations, newest first",
        requestParams: {
          query: z.object({
            limit: z.optional(
              z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).meta({ default: PAGE_LIMIT }),
            ),
            cursor: z.optional(z.string().meta({ description: "from the page before" })),
          }),
        },
        responses: {
          "200": {
            description: "A page; `next` is the address of the page after it",
            content: { "application/json": { schema: ReservationPage } },
          },
          ...refusals([...OF_A_SESSION, "rate_limited", "invalid_request", "overloaded"]),
        },
      },
    },
  },
};
