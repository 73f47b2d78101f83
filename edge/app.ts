import { Hono } from "hono";
import { CSV_BYTES_MAX } from "../contract/csv-files.ts";
import { requestIdOf } from "./answer.ts";
import type { EdgeContext, EdgeEnv, Handler } from "./context.ts";
import { withCors } from "./cors.ts";
import type { EdgeDeps } from "./deps.ts";
import { sendingBack } from "./event-stream.ts";
import { fromHere } from "./from-here.ts";
import { answeringHead } from "./head.ts";
import { openKeptFront } from "./kept-front.ts";
import { logFailure } from "./log.ts";
import { observe } from "./observe.ts";
import { chargeWrites, requireOrganiser, requireRole } from "./organiser.ts";
import { problem, Refused } from "./problem.ts";
import { limitReads } from "./read-limit.ts";
import { boundRequest } from "./request-bounds.ts";
import { type MethodsAt, methodsOf } from "./route-methods.ts";
import {
  amendLecture,
  cancelLecture,
  closeLecture,
  deleteLecture,
  LECTURE_BODY_BYTES_MAX,
  makeLecture,
  postponeLecture,
  publishLecture,
} from "./routes/amend-lecture.ts";
import { asset } from "./routes/asset.ts";
import { availability } from "./routes/availability.ts";
import { bookOnBehalf } from "./routes/book-on-behalf.ts";
import { cancelReservation } from "./routes/cancel-reservation.ts";
import { demoSignIn } from "./routes/demo-sign-in.ts";
import { docs } from "./routes/docs.ts";
import { host, hosts, putHost } from "./routes/hosts.ts";
import { lecture } from "./routes/lecture.ts";
import { exportLectures, importLectures } from "./routes/lecture-files.ts";
import { lectureReservations } from "./routes/lecture-reservations.ts";
import { lectures } from "./routes/lectures.ts";
import { llmsTxt } from "./routes/llms-txt.ts";
import { me } from "./routes/me.ts";
import { metrics } from "./routes/metrics.ts";
import { myReservations } from "./routes/my-reservations.ts";
import { openapi } from "./routes/openapi.ts";
import {
  amendment,
  amendmentLog,
  organisedLecture,
  organisedLectures,
} from "./routes/organised-lectures.ts";
import { reservation } from "./routes/reservation.ts";
import { reservationEvents } from "./routes/reservation-events.ts";
import { reserve } from "./routes/reserve.ts";
import { signOut } from "./routes/sign-out.ts";
import { requireSession } from "./session.ts";
import { openTurnAway } from "./turn-away.ts";

/** The whole edge, as a runtime serves it. `Connection` is the runtime's data beside a request. */
export interface EdgeApp<Connection> {
  fetch(request: Request, connection: Connection): Response | Promise<Response>;
}

/**
 * Builds the edge. Most of a rush is a press for a lecture that is known to refuse everybody; most
 * of a refresh storm is a read whose answer is kept. Both are answered in front of the routes.
 * Every other request goes to the routes.
 *
 * @param bind gives the routes their access to the runtime
 */
export function createApp<Connection>(
  deps: EdgeDeps,
  bind: (connection: Connection, request: Request) => EdgeEnv["Bindings"],
): EdgeApp<Connection> {
  const routes = createRoutes(deps);
  const turnAway = openTurnAway(deps);
  const keptFront = openKeptFront(deps);
  return {
    fetch: withCors(deps, (request: Request, connection: Connection) => {
      const goOn = () => {
        const bindings = bind(connection, request);
        bindings.isOverTls = deps.isOverTls(request.url, request.headers);
        return routes.fetch(request, bindings);
      };
      const answer = turnAway(request, (work) => bind(connection, request).outlive?.(work));
      if (answer === undefined)
        return keptFront(request, () => bind(connection, request)) ?? goOn();
      return answer instanceof Promise ? answer.then((read) => read ?? goOn()) : answer;
    }),
  };
}

/**
 * The routes and their wrappers. A route has one handler and no middleware: Hono runs each
 * middleware through a promise.
 */
export function createRoutes(deps: EdgeDeps): Hono<EdgeEnv> {
  const app = new Hono<EdgeEnv>();
  const bounded = boundRequest(deps);
  // Outermost, and only where something is counted or traced.
  const observed = deps.metrics || deps.tracing ? observe(deps) : (handle: Handler) => handle;
  const open = (handle: Handler, bodyBytesMax?: number) =>
    observed(answeringHead(bounded(answering(handle), bodyBytesMax)));
  // The session is checked before path and body: a stranger learns nothing and costs no Redis call.
  const requiresSession = requireSession(deps.readSession);
  const signedIn = (handle: Handler) => open(requiresSession(handle));
  const charged = chargeWrites(deps);
  // The bucket stands before the session: checking a wrong token costs more than most reads.
  const limited = limitReads(deps);
  const read = (handle: Handler) => open(limited(handle));
  const signedInRead = (handle: Handler) => read(requiresSession(handle));
  // The role is checked before tokens, path and body: it costs nothing.
  const organiserReads = (handle: Handler) => signedInRead(requireOrganiser(handle));
  const organiserWrites = (handle: Handler, bodyBytesMax?: number) =>
    open(requiresSession(requireOrganiser(charged(handle))), bodyBytesMax);
  const adminWrites = (handle: Handler) => signedIn(requireRole("admin")(charged(handle)));

  app.get("/api/lectures", read(lectures(deps)));
  app.get("/api/lectures/:id", read(lecture(deps)));
  app.get("/api/lectures/:id/availability", read(availability(deps)));
  app.post("/api/auth/demo", open(fromHere(demoSignIn(deps))));
  app.post("/api/auth/sign-out", open(fromHere(signOut)));

  app.post("/api/lectures/:id/reservations", signedIn(reserve(deps)));
  app.get("/api/reservations/:id", signedInRead(reservation(deps)));
  app.get(EVENTS, sendingBack(signedInRead(reservationEvents(deps))));
  app.delete("/api/reservations/:id", signedIn(cancelReservation(deps)));
  app.get("/api/me", signedInRead(me));
  app.get("/api/me/reservations", signedInRead(myReservations(deps)));

  app.get("/api/openapi.json", read(openapi));
  app.get("/llms.txt", read(llmsTxt));
  app.get("/docs", read(docs(deps)));
  app.get("/assets/:name", read(asset(deps)));

  app.get("/api/admin/lectures", organiserReads(organisedLectures(deps)));
  app.post("/api/admin/lectures", organiserWrites(makeLecture(deps), LECTURE_BODY_BYTES_MAX));
  // Neither word is an id of a lecture.
  const [exporting, importing] = ["/api/admin/lectures/export", "/api/admin/lectures/import"];
  const ofLecture = (handle: Handler): Handler => {
    return (c) => (c.req.path === exporting || c.req.path === importing ? refused(c) : handle(c));
  };
  app.get(exporting, organiserReads(exportLectures(deps)));
  app.post(importing, organiserWrites(importLectures(deps), CSV_BYTES_MAX));
  app.get("/api/admin/lectures/:id", ofLecture(organiserReads(organisedLecture(deps))));
  app.patch(
    "/api/admin/lectures/:id",
    ofLecture(organiserWrites(amendLecture(deps), LECTURE_BODY_BYTES_MAX)),
  );
  app.delete("/api/admin/lectures/:id", ofLecture(organiserWrites(deleteLecture(deps))));
  app.post("/api/admin/lectures/:id/publish", organiserWrites(publishLecture(deps)));
  app.post("/api/admin/lectures/:id/close", organiserWrites(closeLecture(deps)));
  app.post("/api/admin/lectures/:id/postpone", organiserWrites(postponeLecture(deps)));
  app.post("/api/admin/lectures/:id/cancel", organiserWrites(cancelLecture(deps)));
  app.get("/api/admin/lectures/:id/amendments", organiserReads(amendmentLog(deps)));
  app.get("/api/admin/amendments/:id", organiserReads(amendment(deps)));
  app.get("/api/admin/hosts", organiserReads(hosts(deps)));
  app.get("/api/admin/hosts/:id", organiserReads(host(deps)));
  app.put("/api/admin/hosts/:id", adminWrites(putHost(deps)));

  app.get("/api/admin/lectures/:id/reservations", organiserReads(lectureReservations(deps)));
  app.post(
    "/api/admin/lectures/:id/reservations",
    organiserWrites(bookOnBehalf(deps), CSV_BYTES_MAX),
  );

  if (deps.metrics && deps.metricsToken)
    app.get(
      "/metrics",
      open(metrics({ token: deps.metricsToken, families: deps.metrics.families })),
    );

  const refused = open(refuseRoute(methodsOf(app.routes, [EVENTS])));
  app.notFound(refused);
  // For errors thrown around the handlers. `answering` catches the handlers' own: they are
  // observed.
  app.onError(answerError);
  return app;
}

/** Takes GET and not HEAD: the head of a stream would cost as much as the stream. */
const EVENTS = "/api/reservations/:id/events";

/** Answers without a route: 405 if another method has one. */
function refuseRoute(methodsAt: MethodsAt): Handler {
  return (c) => {
    const methods = methodsAt(c.req.path);
    if (methods.length === 0) return problem(c, "route_not_found");
    return problem(c, "method_not_allowed", { headers: { Allow: methods.join(", ") } });
  };
}

function answering(handle: Handler): Handler {
  return async (c) => {
    try {
      return await handle(c);
    } catch (error) {
      return answerError(error, c);
    }
  };
}

/** The client gets a code; the log gets the cause. */
function answerError(error: unknown, c: EdgeContext): Response {
  if (error instanceof Refused) return problem(c, error.code, error.extras);
  logFailure("internal", c.req.method, requestIdOf(c), error);
  return problem(c, "internal");
}
