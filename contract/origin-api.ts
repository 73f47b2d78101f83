import * as z from "zod";
import { Amendment } from "./amendment.ts";
import { AmendCommand, CancelCommand, ReserveCommand } from "./command.ts";
import { LECTURE_ID_FORM, lectureOf, RID_FORM } from "./ids.ts";
import { Reservation } from "./reservation.ts";
import { Role, SessionGroups, SessionHosts } from "./session.ts";
import { StudentNumber } from "./student-number.ts";

/**
 * The calls of the edge to the origin, each request signed:
 *
 * | call | answers |
 * |---|---|
 * | `POST /commands` (CommandRequest) | 200 CommandAnswer, AmendAnswer · 404 · 409 with a code |
 * | `GET /reservations/:rid?user=U` (`&waitMs=N`) | 200 Reservation · 404 |
 * | `GET /reservations/:rid/events?user=U` (`&told=STATUS`) | see below |
 * | `GET /users/:user/reservations` (`?limit=N&after=P&held=P,P`) | 200 OriginPage |
 * | `GET /open-lectures` | 200 OpenLectures |
 * | `GET /lectures` (ListQuery) | 200 LecturePage with ETag · 304 · 422 |
 * | `GET /lectures/:id` | 200 Lecture with ETag · 304 · 404 |
 * | `POST /auth/demo` (DemoSignIn) | 200 SignedIn · 404 unless demo sign-in is on |
 * | `GET /admin/lectures?ACTOR` (OrganisedQuery) | 200 OrganisedPage |
 * | `POST /admin/lectures?ACTOR` (MakeRequest) | 200 Amended · 404 |
 * | `GET /admin/lectures/:id?ACTOR` | 200 OrganisedLecture · 404 |
 * | `POST /admin/lectures/:id/amendments?ACTOR` (AmendRequest) | 200 Amended · 404 |
 * | `GET /admin/lectures/:id/amendments?ACTOR` (`&limit=N&after=P`) | 200 AmendmentLog · 404 |
 * | `GET /admin/amendments/:rid?ACTOR` (`&waitMs=N`) | 200 Amended · 404 |
 * | `GET /admin/lectures/:id/reservations?ACTOR` (SeatQuery) | 200 OriginSeatPage · 404 |
 * | `GET /admin/lectures/:id/reservations.csv?ACTOR` (`&language=zh`) | 200 a CSV file · 404 |
 * | `POST /admin/lectures/:id/students?ACTOR` (StudentList or CSV) | 200 ListedStudents · 404 |
 * | `POST /claims` (Claims) | 200 ClaimsAnswer |
 * | `POST /decisions` (DecisionsRequest) | 200 Decisions |
 * | `GET /admin/lecture-file?ACTOR` (`&host=H&language=zh`) | 200 a CSV file |
 * | `POST /admin/lecture-file?ACTOR` (`&key=K&at=MS&dryRun=1`, CSV) | 200 ImportAnswer |
 * | `GET /admin/hosts?ACTOR` | 200 HostList |
 * | `GET /admin/hosts/:id?ACTOR` | 200 Host · 404 |
 * | `POST /admin/hosts/:id?ACTOR` (HostChange) | 200 Host · 403 unless an admin asks |
 *
 * ACTOR stands for the parameters of contract/actor.ts: every `/admin` call names who asks.
 * A MakeRequest, an AmendRequest and a lecture file have a key. Where the key stands for another
 * request, the answer is 422 `key_reused`.
 *
 * Events answer with an event stream, 204 if STATUS is the decision, 404, or 503
 * `too_many_streams`. The pages are in contract/reservation-page.ts, contract/lecture-list.ts
 * and contract/organised-lecture.ts.
 *
 * Any call may answer 503 `overloaded`, before any of its work began, or 503 `unavailable`, both
 * with a Retry-After. A refusal is `{ code }` with that code's status; the edge turns it into
 * problem details in the reader's language.
 */

/** The longest wait for a decision, in milliseconds; then the origin answers with what it knows. */
export const MAX_WAIT_MS = 20_000;

/**
 * The edge's wait for the answer, in milliseconds, not counting a wait it asks for; after that the
 * origin begins nothing. The header is not signed: an attacker able to alter it could also hold the
 * request back. A wrong budget costs no more than an answer that comes too late.
 */
export const BUDGET_HEADER = "Lectern-Budget-Ms";

/**
 * Header of lectures: how long an edge may repeat the answer while the catalogue's generation
 * stays, in milliseconds. The clock alone changes a list after that. Missing: the generation says
 * nothing.
 */
export const HOLDS_HEADER = "Lectern-Holds-Ms";

/**
 * Header of lectures: how far behind the catalogue the answer may be, in milliseconds, where a
 * replica gave it.
 */
export const BEHIND_HEADER = "Lectern-Behind-Ms";

/**
 * The longest an answer is held without asking the origin, in milliseconds: it bounds what a
 * generation that was never begun costs.
 */
export const HELD_MAX_MS = 60_000;

/** Header of the origin's answer: `1` if the origin waited for a decision. */
export const WAITED_HEADER = "Lectern-Waited";

const waitMs = z._default(z.int().check(z.gte(0), z.lte(MAX_WAIT_MS)), 0);

/** `waitMs`: how long to wait for the decision; 0 answers as soon as the command is queued. */
export const CommandRequest = z.object({
  command: z
    .discriminatedUnion("kind", [ReserveCommand, CancelCommand, AmendCommand])
    .check(z.refine((command) => lectureOf(command.rid) === command.lectureId)),
  waitMs,
});
export type CommandRequest = z.infer<typeof CommandRequest>;

/**
 * `queued`: the broker has confirmed the command. False means unknown: the claim stands, and the
 * command is queued again under the same rid until decided. `closed`: the broker is there and takes
 * nothing, so new claims would only pile up.
 */
export const CommandAnswer = z.object({
  queued: z.boolean(),
  reservation: Reservation,
  closed: z.optional(z.boolean()),
});
export type CommandAnswer = z.infer<typeof CommandAnswer>;

/** The answer to an amendment; see CommandAnswer. Only a queued or noted one is answered. */
export const AmendAnswer = z.object({ queued: z.boolean(), amendment: Amendment });
export type AmendAnswer = z.infer<typeof AmendAnswer>;

/** The most amendments on a page, and the usual number. */
export const AMENDMENTS_MAX = 100;

/**
 * Reads an answer to a command; throws for anything else. The usual answer avoids the cost of zod.
 */
export function readCommandAnswer(json: unknown): CommandAnswer {
  return queuedAndPending(json) ?? CommandAnswer.parse(json);
}

/** Reads as CommandAnswer does an answer that is queued, pending and nothing else. */
function queuedAndPending(json: unknown): CommandAnswer | undefined {
  const { queued, closed, reservation } = (json ?? {}) as Record<string, unknown>;
  if (queued !== true || closed !== undefined) return undefined;
  const { id, lectureId, status, reason, decidedAt } = (reservation ?? {}) as Record<
    string,
    unknown
  >;
  if (status !== "pending" || reason !== undefined || decidedAt !== undefined) return undefined;
  if (typeof id !== "string" || !RID_FORM.test(id)) return undefined;
  if (typeof lectureId !== "string" || !LECTURE_ID_FORM.test(lectureId)) return undefined;
  return { queued, reservation: { id, lectureId, status } };
}

/** Without proof anybody may be anybody: a role, too, is what the request says. */
export const DemoSignIn = z.strictObject({
  studentNumber: StudentNumber,
  role: z.optional(Role),
  hosts: z.optional(SessionHosts),
  groups: z.optional(SessionGroups),
});
export type DemoSignIn = z.infer<typeof DemoSignIn>;

export const SignedIn = z.object({ token: z.string(), expiresAt: z.iso.datetime() });
export type SignedIn = z.infer<typeof SignedIn>;

/**
 * The body of a refusal between origin and edge. `cancelUntil`: of `too_late`, the last moment for
 * a cancel.
 */
export const Refusal = z.object({ code: z.string(), cancelUntil: z.optional(z.iso.datetime()) });
export type Refusal = z.infer<typeof Refusal>;
