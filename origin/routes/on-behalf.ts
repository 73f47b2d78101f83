import { Hono } from "hono";
import { Claims, DecisionsRequest } from "../../contract/on-behalf.ts";
import type { OriginEnv } from "../context.ts";
import type { OriginDeps } from "../deps.ts";
import { handOver } from "../hand-over.ts";
import { findDecisions } from "../many-decisions.ts";
import { Refusal } from "../refusal.ts";

/**
 * Many seats of one lecture in one call:
 * - `POST /claims`: queues the commands of claims
 * - `POST /decisions`: reads decisions, and waits for them if asked to
 */
export function onBehalfRoutes(deps: OriginDeps) {
  return new Hono<OriginEnv>()
    .post("/claims", async (c) => {
      const request = Claims.safeParse(await c.req.json());
      if (!request.success) throw new Refusal("invalid_request");
      return c.json(await handOver(deps, request.data, c.var.deadline, c.var.trace));
    })
    .post("/decisions", async (c) => {
      const request = DecisionsRequest.safeParse(await c.req.json());
      if (!request.success) throw new Refusal("invalid_request");
      return c.json(await findDecisions(deps, request.data, c.var.deadline));
    });
}
