import * as z from "zod";
import { Host, HostList } from "../../contract/host.ts";
import { Availability, Lecture } from "../../contract/lecture.ts";
import { ImportAnswer, ImportReport } from "../../contract/lecture-file.ts";
import { LecturePage } from "../../contract/lecture-list.ts";
import { OriginSeatPage } from "../../contract/lecture-reservations.ts";
import { BookedReport, ClaimsAnswer, Decisions, ListedStudents } from "../../contract/on-behalf.ts";
import {
  Amended,
  AmendmentLog,
  OrganisedLecture,
  OrganisedPage,
} from "../../contract/organised-lecture.ts";
import { AmendAnswer, CommandAnswer, SignedIn } from "../../contract/origin-api.ts";
import { Reservation } from "../../contract/reservation.ts";
import { OpenLectures, OriginPage, ReservationPage } from "../../contract/reservation-page.ts";
import { ShownAmendment, ShownLog } from "../../contract/shown-amendment.ts";

/** An answer: its status, and the code of a refusal. */
export type Expected = [status: number, code?: string];

/**
 * A route's permitted answer other than a refusal: a schema of its JSON, or a pattern of its text.
 */
export type Success = z.ZodType | RegExp;

export interface Route {
  success: Success;
  /** the answer to an entitled request without a body, for an object that does not exist */
  answer: Expected;
}

export interface EdgeRoute extends Route {
  /** the same without a session, if it differs */
  stranger?: Expected;
  /** the same to a student, and to an organiser, if it differs */
  student?: Expected;
  organiser?: Expected;
  /** the same to HEAD, if it differs from GET's */
  head?: Expected;
}

export const stranger: Expected = [401, "unauthenticated"];
export const noMethod: Expected = [405, "method_not_allowed"];
export const noLecture: Expected = [404, "lecture_not_found"];
const noReservation: Expected = [404, "reservation_not_found"];
const noAmendment: Expected = [404, "amendment_not_found"];
const noHost: Expected = [404, "host_not_found"];
const noVersion: Expected = [428, "precondition_required"];
const forbidden: Expected = [403, "forbidden"];
const noRoute: Expected = [404, "route_not_found"];
const noJson: Expected = [400, "malformed_json"];
const invalid: Expected = [422, "invalid_request"];

const Lectures = z.strictObject(LecturePage.shape);
/** The lecture after a change, or the change while it is under way. */
const Changed = z.union([OrganisedLecture, ShownAmendment]);
const Me = z.object({ id: z.string(), role: z.string() });
const metrics = /^# HELP /;
const events =
  /^((event: status\n|data: \{.*\}\n|id: [a-z]+\n|retry: \d+\n)+\n|: still pending\n\n|retry: \d+\n: busy\n\n|\{.*\})*$/;

/** A CSV file: a mark for Excel, and at least a header. */
const file = /^\uFEFF?[^\r\n]+\r\n/;
const seatsOrFile = /^(\uFEFF?[^\r\n{]+\r\n|\{"reservations":\[)/;

const forOrganisers = { stranger, student: forbidden };
const changes = { success: Changed, answer: noVersion, ...forOrganisers };

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
  "GET /api/admin/lectures": { success: OrganisedPage, answer: [200], ...forOrganisers },
  "POST /api/admin/lectures": { success: Changed, answer: invalid, ...forOrganisers },
  "GET /api/admin/lectures/:id": {
    success: OrganisedLecture,
    answer: noLecture,
    ...forOrganisers,
  },
  "PATCH /api/admin/lectures/:id": changes,
  "DELETE /api/admin/lectures/:id": changes,
  "POST /api/admin/lectures/:id/publish": changes,
  "POST /api/admin/lectures/:id/close": changes,
  "POST /api/admin/lectures/:id/postpone": changes,
  "POST /api/admin/lectures/:id/cancel": changes,
  "GET /api/admin/lectures/:id/amendments": {
    success: ShownLog,
    answer: noLecture,
    ...forOrganisers,
  },
  "GET /api/admin/lectures/:id/reservations": {
    success: seatsOrFile,
    answer: noLecture,
    ...forOrganisers,
  },
  "POST /api/admin/lectures/:id/reservations": {
    success: BookedReport,
    answer: invalid,
    ...forOrganisers,
  },
  "GET /api/admin/lectures/export": { success: file, answer: [200], ...forOrganisers },
  "POST /api/admin/lectures/import": { success: ImportReport, answer: invalid, ...forOrganisers },
  "GET /api/admin/amendments/:id": {
    success: ShownAmendment,
    answer: noAmendment,
    ...forOrganisers,
  },
  "GET /api/admin/hosts": { success: HostList, answer: [200], ...forOrganisers },
  "GET /api/admin/hosts/:id": { success: Host, answer: noHost, ...forOrganisers },
  "PUT /api/admin/hosts/:id": {
    success: Host,
    answer: invalid,
    ...forOrganisers,
    organiser: forbidden,
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
  "GET /reservations/:rid": { success: Reservation, answer: noReservation },
  "GET /reservations/:rid/events": { success: events, answer: noReservation },
  "GET /users/:user/reservations": { success: z.strictObject(OriginPage.shape), answer: [200] },
  "GET /open-lectures": { success: OpenLectures, answer: [200] },
  "GET /lectures": { success: Lectures, answer: [200] },
  "GET /lectures/:id": { success: Lecture, answer: noLecture },
  "POST /auth/demo": { success: SignedIn, answer: noJson },
  // The address names nobody.
  "GET /admin/lectures": { success: OrganisedPage, answer: forbidden },
  "POST /admin/lectures": { success: Amended, answer: forbidden },
  "GET /admin/lectures/:id": { success: OrganisedLecture, answer: forbidden },
  "POST /admin/lectures/:id/amendments": { success: Amended, answer: forbidden },
  "GET /admin/lectures/:id/amendments": { success: AmendmentLog, answer: forbidden },
  "GET /admin/amendments/:rid": { success: Amended, answer: forbidden },
  "GET /admin/lectures/:id/reservations": { success: OriginSeatPage, answer: forbidden },
  "GET /admin/lectures/:id/reservations.csv": { success: file, answer: forbidden },
  "POST /admin/lectures/:id/students": { success: ListedStudents, answer: forbidden },
  "GET /admin/lecture-file": { success: file, answer: forbidden },
  "POST /admin/lecture-file": { success: ImportAnswer, answer: forbidden },
  "POST /claims": { success: ClaimsAnswer, answer: noJson },
  "POST /decisions": { success: Decisions, answer: noJson },
  "GET /admin/hosts": { success: HostList, answer: forbidden },
  "GET /admin/hosts/:id": { success: Host, answer: forbidden },
  "POST /admin/hosts/:id": { success: Host, answer: forbidden },
};

/** Methods for every route. `BREW` is unknown, and `get` is no name of GET on the wire. */
export const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW", "get"];
