import { Hono } from "hono";
import * as z from "zod";
import { LectureId, Rid } from "../../contract/ids.ts";
import { AMENDMENTS_MAX, MAX_WAIT_MS, WAITED_HEADER } from "../../contract/origin-api.ts";
import { readAmendmentPage, readAmendmentPlace } from "../amendment-rows.ts";
import { readAmendment, waitForAmendment } from "../amendments.ts";
import type { OriginEnv } from "../context.ts";
import type { OriginDeps } from "../deps.ts";
import { Refusal } from "../refusal.ts";

const WaitMs = z.coerce.number().int().min(0).max(MAX_WAIT_MS).default(0);

const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(AMENDMENTS_MAX).default(AMENDMENTS_MAX),
  after: z
    .string()
    .transform((text, context) => {
      const place = readAmendmentPlace(text);
      if (place === undefined) context.addIssue("not a place");
      return place ?? z.NEVER;
    })
    .optional(),
});

/**
 * The reads of amendments:
 * - `GET /amendments/:rid?waitMs=N`
 * - `GET /lectures/:id/amendments?limit=N&after=P`
 */
export function amendmentRoutes(deps: OriginDeps) {
  const { reads } = deps.gates;
  return new Hono<OriginEnv>()
    .get("/amendments/:rid", async (c) => {
      const rid = Rid.safeParse(c.req.param("rid"));
      const waitMs = WaitMs.safeParse(c.req.query("waitMs"));
      if (!rid.success) throw new Refusal("amendment_not_found");
      if (!waitMs.success) throw new Refusal("invalid_request");
      const { deadline } = c.var;
      const found = await reads.run(() => readAmendment(deps, rid.data, deadline), deadline);
      if (found?.status !== "pending" || waitMs.data === 0) return c.json(found ?? missing());
      c.header(WAITED_HEADER, "1");
      const waiting = { waitMs: waitMs.data, deadline };
      return c.json((await waitForAmendment(deps, rid.data, waiting)) ?? found);
    })
    .get("/lectures/:id/amendments", async (c) => {
      const id = LectureId.safeParse(c.req.param("id"));
      if (!id.success) throw new Refusal("lecture_not_found");
      const { limit, after } = c.req.query();
      const query = PageQuery.safeParse({ limit, after });
      if (!query.success) throw new Refusal("invalid_request");
      const { deadline } = c.var;
      const asked = { lectureId: id.data, ...query.data };
      return c.json(
        await reads.run(() => readAmendmentPage(deps.database, asked, deadline), deadline),
      );
    });
}

function missing(): never {
  throw new Refusal("amendment_not_found");
}
