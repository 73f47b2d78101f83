import * as z from "zod";
import { Amendment, AmendmentPage } from "../../contract/amendment.ts";
import { Availability, Lecture } from "../../contract/lecture.ts";
import { LecturePage } from "../../contract/lecture-list.ts";
import { AmendAnswer, CommandAnswer, SignedIn } from "../../contract/origin-api.ts";
import { Reservation } from "../../contract/reservation.ts";
import { OpenLectures, OriginPage, ReservationPage } from "../../contract/reservation-page.ts";

/** An answer: its status, and the code of a refusal. */
export type Expected = [status: number, code?: string];

/**
 * A route's permitted answer other than a refusal: a schema of its JSON, or a pattern of its text.
 */
export type Success = z.ZodType | RegExp;

interface Route {
  success: Success;
  /** the answer to an entitled request without a body, for an object that does not exist */
  answer: Expected;
}

interface EdgeRoute extends Route {
  /** the same without a session, if it differs */
  stranger?: Expected;
  /** the same to HEAD, if it differs from GET's */
  head?: Expected;
}

export const stranger: Expected = [401, "unauthenticated"];
export const noMethod: Expected = [405, "method_not_allowed"];
const noLecture: Expected = [404, "lecture_not_found"];
const noReservation: Expected = [404, "reservation_not_found"];
const noRoute: Expected = [404, "route_not_found"];
const noJson: Expected = [400, "malformed_json"];
const invalid: Expected = [422, "invalid_request"];

const Lectures = z.strictObject(LecturePage.shape);
const Me = z.object({ id: z.string(), role: z.string() });
const metrics = /^# HELP /;
const events =
  /^((event: status\n|data: \{.*\}\n|id: [a-z]+\n|retry: \d+\n)+\n|: still pending\n\n|retry: \d+\n: busy\n\n|\{.*\})*$/;

/** Every route of the edge. A missing route fails the tests. */
export const edgeRoutes: Record<string, EdgeRoute> = {
  "GET /api/lectures": { success: Lectures, answer: [200] },
  "GET /api/lectures/:id": { success: Lecture, answer: noLecture },
  "GET /api/lectures/:id/availability": { success: Availability, answer: noLecture },
  "POST /api/auth/demo": { success: SignedIn, answer: invalid },
  "POST /api/auth/sign-out": { success: /^$/, answer: [204] },
  "POST /api/lectures/:id/reservations": { success: Reservation, answer: noLecture, stranger },
  "GET /api/reservations/:id": { success: Reservation, answer: noReservation, stranger },
  "GET /api/reservations/:id/events": {
    success: events,
    answer: noReservation,
    stranger,
    head: noMethod,
  },
  "DELETE /api/reservations/:id": { success: Reservation, answer: noReservation, stranger },
  "GET /api/me": { success: Me, answer: [200], stranger },
  "GET /api/me/reservations": {
    success: z.strictObject(ReservationPage.shape),
    answer: [200],
    stranger,
  },
  "GET /api/openapi.json": {
    success: z.looseObject({ openapi: z.literal("3.1.0") }),
    answer: [200],
  },
  "GET /llms.txt": { success: /^# Lectern/, answer: [200] },
  "GET /docs": { success: /^<!doctype html>/, answer: [200] },
  "GET /assets/:name": { success: /^export/, answer: noRoute },
  // A session is not a metrics token.
  "GET /metrics": { success: metrics, answer: stranger },
};

/** Every route of the origin. Unsigned, only health and metrics are answered. */
export const originRoutes: Record<string, Route> = {
  "GET /healthz": { success: /^alive\n$/, answer: [200] },
  "GET /readyz": { success: /^(not )?ready\n([a-z_]+ is away\n)*$/, answer: [200] },
  "GET /metrics": { success: metrics, answer: [200] },
  "POST /commands": { success: z.union([CommandAnswer, AmendAnswer]), answer: noJson },
  "GET /amendments/:rid": { success: Amendment, answer: [404, "amendment_not_found"] },
  "GET /lectures/:id/amendments": { success: AmendmentPage, answer: [200] },
  "GET /reservations/:rid": { success: Reservation, answer: noReservation },
  "GET /reservations/:rid/events": { success: events, answer: noReservation },
  "GET /users/:user/reservations": { success: z.strictObject(OriginPage.shape), answer: [200] },
  "GET /open-lectures": { success: OpenLectures, answer: [200] },
  "GET /lectures": { success: Lectures, answer: [200] },
  "GET /lectures/:id": { success: Lecture, answer: noLecture },
  "POST /auth/demo": { success: SignedIn, answer: noJson },
};

/** Methods for every route. `BREW` is unknown, and `get` is no name of GET on the wire. */
export const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW", "get"];
