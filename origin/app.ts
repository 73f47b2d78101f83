import { type Context, Hono } from "hono";
import { routePath } from "hono/route";
import { problems } from "../contract/problems.ts";
import type { OriginDeps } from "./deps.ts";
import { createNonces } from "./nonces.ts";
import { Refusal } from "./refusal.ts";
import { commandRoutes } from "./routes/commands.ts";
import { demoSignInRoutes } from "./routes/demo-sign-in.ts";
import { eventRoutes } from "./routes/events.ts";
import { lectureRoutes } from "./routes/lectures.ts";
import { reservationRoutes } from "./routes/reservations.ts";
import { verifyEdge } from "./verify-edge.ts";

/**
 * The origin's app: health for whoever runs it, and behind the edge's signature everything contract/origin-api.ts tells.
 *
 * @param isReady whether a command could be queued now
 */
export function createApp(deps: OriginDeps, isReady: () => Promise<boolean>): Hono {
  const app = new Hono();
  app.onError((error, c) => answerError(deps, error, c));
  app.notFound((c) => c.json({ code: "route_not_found" }, 404));

  app.get("/healthz", (c) => c.text("alive\n"));
  app.get("/readyz", async (c) => ((await isReady()) ? c.text("ready\n") : c.text("not ready\n", 503)));

  app.use(verifyEdge(deps, createNonces()));
  app.route("/", commandRoutes(deps));
  app.route("/", eventRoutes(deps));
  app.route("/", reservationRoutes(deps));
  app.route("/", lectureRoutes(deps));
  app.route("/", demoSignInRoutes(deps));
  return app;
}

function answerError(deps: OriginDeps, error: Error, c: Context): Response {
  if (error instanceof Refusal) return c.json({ code: error.code }, error.status);
  if (error instanceof SyntaxError) return c.json({ code: "malformed_json" }, problems.malformed_json.status);
  deps.log.error(
    // The route and not the path, which may name a user.
    { event: "request_failed", method: c.req.method, route: routePath(c, -1), err: error },
    "a request failed",
  );
  return c.json({ code: "unavailable" }, problems.unavailable.status);
}
