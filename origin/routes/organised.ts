import { type Context, Hono } from "hono";
import { AmendRequest, MakeRequest } from "../../contract/organised-lecture.ts";
import { readOrganisedQuery } from "../../contract/organised-list.ts";
import { WAITED_HEADER } from "../../contract/origin-api.ts";
import { actorOf } from "../actor.ts";
import type { OriginEnv } from "../context.ts";
import type { OriginDeps } from "../deps.ts";
import { amendLecture, makeLecture, type Organising } from "../organise.ts";
import { listOrganised, readOrganised } from "../organised.ts";
import { Refusal } from "../refusal.ts";

/**
 * The lectures of an organiser:
 * - `GET /admin/lectures`, `GET /admin/lectures/:id`
 * - `POST /admin/lectures`: makes one
 * - `POST /admin/lectures/:id/amendments`: changes one
 */
export function organisedRoutes(deps: OriginDeps) {
  const { reads } = deps.gates;
  return new Hono<OriginEnv>()
    .get("/admin/lectures", async (c) => {
      const actor = actorOf(c);
      const query = readOrganisedQuery(c.req.query());
      if (!query) throw new Refusal("invalid_request");
      const { deadline } = c.var;
      return c.json(await reads.run(() => listOrganised(deps, actor, query, deadline), deadline));
    })
    .get("/admin/lectures/:id", async (c) => {
      const actor = actorOf(c);
      const { deadline } = c.var;
      const id = c.req.param("id");
      return c.json(await reads.run(() => readOrganised(deps, actor, id, deadline), deadline));
    })
    .post("/admin/lectures", async (c) => {
      const actor = actorOf(c);
      const request = MakeRequest.safeParse(await c.req.json());
      if (!request.success) throw new Refusal("invalid_request");
      return c.json(await makeLecture(deps, actor, request.data, organising(c)));
    })
    .post("/admin/lectures/:id/amendments", async (c) => {
      const actor = actorOf(c);
      const request = AmendRequest.safeParse(await c.req.json());
      if (!request.success) throw new Refusal("invalid_request");
      const id = c.req.param("id");
      return c.json(await amendLecture(deps, actor, id, request.data, organising(c)));
    });
}

function organising(c: Context<OriginEnv>): Organising {
  const { deadline, trace } = c.var;
  return { deadline, trace, onWait: () => c.header(WAITED_HEADER, "1") };
}
