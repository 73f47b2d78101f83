import { type Context, Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { headAnswer } from "../contract/head-answer.ts";
import { BUDGET_HEADER, type Refusal as RefusalBody } from "../contract/origin-api.ts";
import { type ProblemCode, problems } from "../contract/problems.ts";
import { BreakerOpen } from "../runtime/breaker/breaker.ts";
import type { OriginEnv } from "./context.ts";
import { budgetOf, deadlineIn } from "./deadline.ts";
import type { OriginDeps } from "./deps.ts";
import { createNonces } from "./nonces.ts";
import { countAnswers, routeOf, traceRequest } from "./observe.ts";
import { Refusal, retryAfter } from "./refusal.ts";
import { amendmentRoutes } from "./routes/amendments.ts";
import { commandRoutes } from "./routes/commands.ts";
import { demoSignInRoutes } from "./routes/demo-sign-in.ts";
import { eventRoutes } from "./routes/events.ts";
import { hostRoutes } from "./routes/hosts.ts";
import { lectureFileRoutes } from "./routes/lecture-files.ts";
import { lectureReservationRoutes } from "./routes/lecture-reservations.ts";
import { lectureRoutes } from "./routes/lectures.ts";
import { onBehalfRoutes } from "./routes/on-behalf.ts";
import { organisedRoutes } from "./routes/organised.ts";
import { reservationRoutes } from "./routes/reservations.ts";
import { verifyEdge } from "./verify-edge.ts";

/**
 * For the operator. `away`: the servers that do not answer now; booking can do without some of
 * them.
 */
export interface Readiness {
  ready: boolean;
  away: string[];
}

/**
 * The origin's app: health for the operator and, behind the edge's signature, the calls of
 * contract/origin-api.ts.
 *
 * @param readiness whether a command could be queued now, and which servers do not answer
 * @param scrape answers `/metrics`; without it there is no such route
 */
export function createApp(
  deps: OriginDeps,
  readiness: () => Promise<Readiness>,
  scrape?: () => Promise<Response>,
): Hono<OriginEnv> {
  const app = new Hono<OriginEnv>();
  app.onError((error, c) => answerError(deps, error, c));
  app.notFound((c) => refuse(c, "route_not_found"));

  app.get(
    "/healthz",
    withHead(async (c) => c.text("alive\n")),
  );
  app.get(
    "/readyz",
    withHead(async (c) => {
      const { ready, away } = await readiness();
      const text = [
        ready ? "ready" : "not ready",
        ...away.map((server) => `${server} is away`),
      ].join("\n");
      return c.text(`${text}\n`, ready ? 200 : 503);
    }),
  );
  if (scrape) app.get("/metrics", withHead(scrape));

  app.use(countAnswers(deps));
  app.use(startDeadline);
  app.use(verifyEdge(deps, createNonces()));
  app.use(traceRequest(deps));
  app.use(arrive);
  app.route("/", commandRoutes(deps));
  app.route("/", amendmentRoutes(deps));
  app.route("/", eventRoutes(deps));
  app.route("/", reservationRoutes(deps));
  app.route("/", lectureRoutes(deps));
  app.route("/", lectureFileRoutes(deps));
  app.route("/", organisedRoutes(deps));
  app.route("/", hostRoutes(deps));
  app.route("/", lectureReservationRoutes(deps));
  app.route("/", onBehalfRoutes(deps));
  app.route("/", demoSignInRoutes(deps));
  return app;
}

/** Answers HEAD with the length of GET's body. Edges send GET and POST alone. */
function withHead(answer: (c: Context<OriginEnv>) => Promise<Response>) {
  return async (c: Context<OriginEnv>): Promise<Response> =>
    c.req.method === "HEAD" ? headAnswer(await answer(c)) : answer(c);
}

/** Reports the request's arrival at its gate: the gate comes next in every route. */
const arrive = createMiddleware<OriginEnv>((c, next) => {
  c.env?.arrived?.();
  return next();
});

const startDeadline = createMiddleware<OriginEnv>((c, next) => {
  c.set("deadline", deadlineIn(budgetOf(c.req.header(BUDGET_HEADER))));
  return next();
});

function answerError(deps: OriginDeps, error: Error, c: Context<OriginEnv>): Response {
  if (error instanceof Refusal) return refuse(c, error.code, error.body);
  if (error instanceof SyntaxError) return refuse(c, "malformed_json");
  // The outage was logged once, when the server's breaker opened.
  if (error instanceof BreakerOpen) return refuse(c, "unavailable");
  deps.log.error(
    // The route, not the path: a path may name a user.
    { event: "request_failed", route: routeOf(c), ...c.get("trace")?.ids, err: error },
    "the request failed, and its client gets 503",
  );
  return refuse(c, "unavailable");
}

function refuse(c: Context<OriginEnv>, code: ProblemCode, body: RefusalBody = { code }): Response {
  c.set("code", code);
  const { status } = problems[code];
  return c.json(body, status, status === 503 ? { "Retry-After": retryAfter() } : {});
}
